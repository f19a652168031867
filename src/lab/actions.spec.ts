import { expressionOf, perform } from './actions';
import { FakeKernel } from './testing/fakes';
import { kernelState } from './testing/states';

const result = { ok: true, message: 'shipped', milliseconds: 3, state: kernelState() };

describe('an action', () => {
  it('becomes a Python expression whose values cannot break out of their quotes', () => {
    const evil = 'a"), __import__("os").system("true") #\\\n';
    expect(expressionOf({ name: 'ship' })).toBe('__import__("autoegg").kernel.actions.ship()');
    expect(expressionOf({ name: 'set_library', library: evil, enabled: false })).toBe(
      '__import__("autoegg").kernel.actions.set_library(' +
        '"a\\"), __import__(\\"os\\").system(\\"true\\") #\\\\\\n", False)'
    );
    expect(
      expressionOf({ name: 'configure', settings: { enabled: true, reshipOnSave: false } })
    ).toBe('__import__("autoegg").kernel.actions.configure(reship_on_save=False, enabled=True)');
  });

  it('gives the result that the kernel puts under application/json', async () => {
    const kernel = new FakeKernel(['silent']);
    kernel.reply = {
      status: 'ok',
      user_expressions: { r: { status: 'ok', data: { 'application/json': result } } }
    };
    await expect(perform(kernel.connection, { name: 'ship' })).resolves.toEqual(result);
    expect(kernel.executed[0].code).toBe('');
  });

  it.each([
    [
      'an exception in the expression',
      { status: 'ok', user_expressions: { r: { status: 'error', ename: 'E', evalue: 'no' } } },
      'no'
    ],
    ['a refused request', { status: 'error', ename: 'E', evalue: 'refused' }, 'refused'],
    ['a dropped request', { status: 'aborted' }, 'dropped'],
    ['an answer of another kind', { status: 'ok', user_expressions: {} }, 'without a result']
  ])('fails in one sentence on %s', async (_, reply, sentence) => {
    const kernel = new FakeKernel(['silent']);
    kernel.reply = reply;
    await expect(perform(kernel.connection, { name: 'ship' })).rejects.toThrow(sentence);
  });
});

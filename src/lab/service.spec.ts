import { ServerConnection } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { ServerMonitor, STATE_SCHEMA } from './server';
import { Autoegg, DEFAULT_SETTINGS } from './service';
import { fakeLink, fakeServer, settled } from './testing/fakes';
import { serverState, status } from './testing/states';

function monitor(answers: Record<string, unknown>) {
  const stream = new Signal<object, object>({});
  const requests: string[] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const url = input instanceof Request ? input.url : String(input);
    const endpoint = /autoegg\/(\w+)/.exec(url)![1];
    requests.push(
      `${(input instanceof Request ? input.method : init?.method) ?? 'GET'} ${endpoint}`
    );
    const answer = await answers[endpoint];
    return answer
      ? new Response(JSON.stringify(answer), { status: 200 })
      : new Response('{}', { status: 404 });
  };
  const serverSettings = ServerConnection.makeSettings({ fetch, baseUrl: 'http://server/' });
  const server = new ServerMonitor({ serverSettings, events: { stream } as never });
  return { server, stream, requests };
}

const event = (libraries: object[]) => ({
  schema_id: STATE_SCHEMA,
  ...serverState({ libraries: libraries as never })
});

describe('the server as the page sees it', () => {
  it('is asked once and then followed by its events', async () => {
    const { server, stream } = monitor({ state: serverState() });
    await server.refresh();
    expect(server.state?.libraries[0].condition).toBe('current');
    stream.emit(event([status({ condition: 'building' })]));
    expect(server.state?.libraries[0].condition).toBe('building');
    stream.emit({ schema_id: 'https://example.org/other', libraries: [] });
    expect(server.state?.libraries).toHaveLength(1);
  });

  it('is no news while it says the same', async () => {
    const { server, stream } = monitor({ state: serverState() });
    await server.refresh();
    const changed = jest.fn();
    server.changed.connect(changed);
    stream.emit(event([status()]));
    expect(changed).not.toHaveBeenCalled();
    stream.emit(event([status({ files: 13 })]));
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('keeps an event that is newer than the answer it waits for', async () => {
    let answer: (state: object) => void = () => undefined;
    const { server, stream } = monitor({ state: new Promise(resolve => (answer = resolve)) });
    const asked = server.refresh();
    stream.emit(event([]));
    answer(serverState());
    await asked;
    expect(server.state?.libraries).toEqual([]);
  });

  it('names the cure when the server extension is not enabled', async () => {
    const { server } = monitor({});
    await server.refresh();
    expect(server.state).toBeNull();
    expect(server.problem).toMatch(/jupyter server extension enable jupyterlab_autoegg/);
  });

  it('names both protocol numbers when they differ', async () => {
    const { server } = monitor({ state: serverState({ protocol: 2 }) });
    await server.refresh();
    expect(server.problem).toMatch(/protocol 2, this page 1/);
  });

  it('has the daemon started again and asks how it is', async () => {
    const { server, requests } = monitor({ state: serverState(), restart: serverState() });
    await server.restart();
    expect(requests).toEqual(['POST restart', 'GET state']);
  });

  it('hears nothing more once it is disposed', async () => {
    const { server, stream } = monitor({ state: serverState() });
    server.dispose();
    stream.emit(event([]));
    expect(server.state).toBeNull();
  });
});

describe('the model', () => {
  it('speaks up for the server and for the notebook in front, and for no other', async () => {
    const server = fakeServer();
    const model = new Autoegg(server);
    const changed = jest.fn();
    model.changed.connect(changed);
    const [first, second] = [fakeLink(), fakeLink()];
    model.setCurrent({ name: 'a.ipynb', path: 'a.ipynb', link: first });
    model.setCurrent({ name: 'b.ipynb', path: 'b.ipynb', link: second });
    changed.mockClear();
    first.changed.emit();
    expect(changed).not.toHaveBeenCalled();
    second.changed.emit();
    server.changed.emit();
    expect(changed).toHaveBeenCalledTimes(2);
    await settled();
  });

  it('reports settings only when they differ', () => {
    const model = new Autoegg(fakeServer());
    const told = jest.fn();
    model.settingsChanged.connect(told);
    model.settings = { ...DEFAULT_SETTINGS };
    expect(told).not.toHaveBeenCalled();
    model.settings = { ...DEFAULT_SETTINGS, reshipOnSave: false };
    expect(told).toHaveBeenCalledTimes(1);
  });
});

import { Autoegg } from './service';
import { fakeLink, fakeServer } from './testing/fakes';
import { kernelState, library, NEW, OLD, serverState, status } from './testing/states';
import { Timeline } from './timeline';

const built = (at: string, milliseconds = 20) => ({ at, milliseconds, eggBytes: 1 });

function setUp() {
  const server = fakeServer();
  const model = new Autoegg(server);
  const link = fakeLink({ state: kernelState({ libraries: [library({ shipped: null })] }) });
  model.setCurrent({ name: 'demo.ipynb', path: 'demo.ipynb', link });
  let now = Date.parse('2026-05-04T15:00:00Z');
  const timeline = new Timeline(model, () => now);
  return { server, model, link, timeline, wait: (milliseconds: number) => (now += milliseconds) };
}

const lanes = (timeline: Timeline) => timeline.moments.map(({ lane, took }) => [lane, took]);

describe('the timeline', () => {
  it('has a save and a build for each version after the first, and each ship once', () => {
    const { server, link, timeline } = setUp();
    const say = (at: string, version = OLD) => {
      server.state = serverState({ libraries: [status({ version, built: built(at) })] });
      server.changed.emit();
    };
    say('2026-05-04T15:00:00.000Z');
    expect(lanes(timeline)).toEqual([['build', 20]]);
    say('2026-05-04T15:00:05.000Z', NEW);
    say('2026-05-04T15:00:05.000Z', NEW);
    link.state = kernelState({ libraries: [library()] });
    link.changed.emit();
    link.changed.emit();
    expect(lanes(timeline)).toEqual([
      ['build', 20],
      ['save', 0],
      ['build', 20],
      ['ship', 38.2]
    ]);
  });

  it('has no save where the same version is built again', () => {
    const { server, timeline } = setUp();
    for (const at of ['2026-05-04T15:00:00.000Z', '2026-05-04T15:00:05.000Z']) {
      server.state = serverState({ libraries: [status({ built: built(at) })] });
      server.changed.emit();
    }
    expect(lanes(timeline)).toEqual([
      ['build', 20],
      ['build', 20]
    ]);
  });

  it('has a run from the beginning of a cell to its end', () => {
    const { link, timeline, wait } = setUp();
    link.isBusy = true;
    link.changed.emit();
    expect(lanes(timeline)).toEqual([['run', null]]);
    wait(1500);
    link.isBusy = false;
    link.changed.emit();
    expect(lanes(timeline)).toEqual([['run', 1500]]);
  });

  it('survives that its library is removed from the list and added back', () => {
    const { link, timeline } = setUp();
    const say = (...libraries: ReturnType<typeof library>[]) => {
      link.state = kernelState({ libraries });
      link.changed.emit();
    };
    say(library());
    say();
    say(library());
    expect(lanes(timeline)).toEqual([['ship', 38.2]]);
  });

  it('belongs to the notebook in front', () => {
    const { model, link, timeline } = setUp();
    link.isBusy = true;
    link.changed.emit();
    model.setCurrent({ name: 'b.ipynb', path: 'b.ipynb', link: fakeLink({ state: null }) });
    expect(timeline.moments).toEqual([]);
    model.setCurrent({ name: 'demo.ipynb', path: 'demo.ipynb', link });
    expect(timeline.moments).toHaveLength(1);
  });
});

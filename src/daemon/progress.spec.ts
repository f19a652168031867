import { Progress, type Work } from './progress';

function record() {
  const told: (Work | null)[] = [];
  let now = 0;
  const progress: Progress = new Progress(
    () => told.push(progress.work),
    () => now
  );
  return { progress, told, wait: (milliseconds: number) => (now += milliseconds) };
}

describe('the progress of a pass', () => {
  it('counts each file twice where a whole egg is made: read, and packed', () => {
    const { progress, told, wait } = record();
    progress.reading(0, 100, 100);
    wait(500);
    progress.reading(50, 100, 100);
    wait(500);
    progress.packing(0, 100);
    wait(500);
    progress.packing(99.5, 100);
    expect(told).toEqual([0, 50, 100, 199].map(done => ({ done, total: 200 })));
  });

  it('is reported at once when it begins, and then not faster than a person can read', () => {
    const { progress, told, wait } = record();
    for (let read = 0; read < 100; read++) {
      progress.reading(read, 100, 0);
      wait(10);
    }
    expect(told).toHaveLength(5);
    expect(told[0]).toEqual({ done: 0, total: 100 });
  });

  it('is over when the pass is, and the next one starts at zero', () => {
    const { progress, told } = record();
    progress.reading(7, 10, 10);
    progress.end();
    expect(progress.work).toBeNull();
    progress.packing(0, 20);
    expect(told.at(-1)).toEqual({ done: 0, total: 20 });
  });
});

import { Notification } from '@jupyterlab/apputils';

import { Progress } from './progress';

const told = () => Notification.manager.notifications.map(({ message }) => message);

beforeEach(() => jest.useFakeTimers());

afterEach(() => {
  Notification.manager.dismiss();
  document.body.replaceChildren();
  jest.useRealTimers();
});

it('the outcome waits for the toast, which JupyterLab may take long to load', async () => {
  const progress = new Progress('Working…');
  jest.advanceTimersByTime(300);
  const ended = progress.end('Done.', true);
  await jest.advanceTimersByTimeAsync(5000);
  expect(told()).toEqual(['Working…']);
  const toast = document.body.appendChild(document.createElement('div'));
  toast.id = Notification.manager.notifications[0].id;
  await jest.advanceTimersByTimeAsync(100);
  await ended;
  expect(told()).toEqual(['Done.']);
});

it('the outcome is told also where no toast is shown', async () => {
  const progress = new Progress('Working…');
  jest.advanceTimersByTime(300);
  const ended = progress.end('Done.', true);
  await jest.advanceTimersByTimeAsync(10_000);
  await ended;
  expect(told()).toEqual(['Done.']);
});

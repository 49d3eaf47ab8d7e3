import { expect, test } from 'vitest';
import { systemClock } from './clock.js';

test('a sleep ends by itself, and leaves no listener behind', async () => {
  const controller = new AbortController();
  const before = systemClock.now();
  await systemClock.sleep(5, controller.signal);
  expect(systemClock.now() - before).toBeGreaterThanOrEqual(4);
  controller.abort(new Error('too late to matter'));
});

test('a sleep ends at once with the signal’s reason', async () => {
  await expect(systemClock.sleep(1e6, AbortSignal.abort('before'))).rejects.toBe('before');
  const controller = new AbortController();
  const sleeping = systemClock.sleep(1e6, controller.signal);
  controller.abort('meanwhile');
  await expect(sleeping).rejects.toBe('meanwhile');
});

test('chance is from 0 up to 1, and the date is today', () => {
  const random = systemClock.random();
  expect(random >= 0 && random < 1).toBe(true);
  expect(Math.abs(systemClock.date() - Date.now())).toBeLessThan(1000);
});

import { RollingWindow, WINDOW_STEPS } from './rolling-window.js';

describe('A rolling window', () => {
  /** Steps of 10 µs. */
  const window = () => new RollingWindow(600);

  it('has what it began with as its reference until a value lies a whole window back', () => {
    const of = window();
    of.seed(1_000, 100);
    of.note(1_000, 101);
    expect(of.referenceAt(1_000)).toBe(100);
    expect(of.referenceAt(1_599)).toBe(100);
    expect(of.referenceAt(1_600)).toBe(101);
  });

  it('takes the last value of a step, and keeps the value before where a step has none', () => {
    const of = window();
    of.seed(0, 1);
    of.note(10, 2);
    of.note(19, 3);
    of.note(40, 4);
    expect([609, 610, 639, 640].map((timeUs) => of.referenceAt(timeUs))).toEqual([1, 3, 3, 4]);
  });

  it('holds no more values than it has steps, whatever is noted', () => {
    const of = window();
    of.seed(0, 0);
    for (let timeUs = 1; timeUs <= 100_000; timeUs += 1) of.note(timeUs, timeUs);
    expect(of.kept().length).toBeLessThanOrEqual(WINDOW_STEPS + 2);
    expect(of.referenceAt(100_000)).toBe(99_409);
  });

  it('is the same after its values were moved back and forth, and after what counts was put into another', () => {
    const of = window();
    of.seed(0, 5);
    for (const timeUs of [10, 300, 700]) of.note(timeUs, timeUs);
    of.shift(7);
    of.shift(-7);
    const other = window();
    other.restore(of.entries(900));
    expect(other.referenceAt(900)).toBe(of.referenceAt(900));
    expect(other.entries(900)).toEqual(of.entries(900));
  });
});

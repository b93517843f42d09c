/**
 * Values over a window of engine time, in bounded memory: what a value was at the window's start.
 *
 * The window is divided into WINDOW_STEPS steps of equal length, aligned to the epoch; of each step its last value is
 * kept. The reference at a time is the last value of the youngest step that lies a whole window back, so the value as it
 * was between 59/60 and 60/60 of the window ago; where the window has not run that long, the value that it began with.
 * What happens in the window never moves its own reference.
 * Complexity: O(1) amortised a value; it allocates when it is made only.
 */

/** Steps that a window is divided into. */
export const WINDOW_STEPS = 60;
/** A power of two above WINDOW_STEPS + 2: steps of the window, the one before it, and the value it began with. */
const CAPACITY = 64;

export class RollingWindow {
  readonly #stepUs: number;
  readonly #steps = new Float64Array(CAPACITY);
  readonly #values = new Float64Array(CAPACITY);
  #head = 0;
  #count = 0;

  /** @param windowUs length, microseconds, at least WINDOW_STEPS */
  constructor(windowUs: number) {
    this.#stepUs = Math.ceil(windowUs / WINDOW_STEPS);
  }

  /** Begins anew: the value counts as the one from before the window. */
  seed(timeUs: number, value: number): void {
    this.#head = 0;
    this.#count = 0;
    this.#push(this.#stepOf(timeUs) - WINDOW_STEPS, value);
  }

  /** Takes a value in; times never run backwards. */
  note(timeUs: number, value: number): void {
    const step = this.#stepOf(timeUs);
    const newest = (this.#head + this.#count - 1) & (CAPACITY - 1);
    if (this.#steps[newest] === step) {
      this.#values[newest] = value;
      return;
    }
    this.#drop(timeUs);
    this.#push(step, value);
  }

  /** Returns the value at the window's start. */
  referenceAt(timeUs: number): number {
    this.#drop(timeUs);
    return this.#values[this.#head]!;
  }

  /** Moves every value by the same amount. */
  shift(by: number): void {
    for (let index = 0; index < this.#count; index += 1) this.#values[(this.#head + index) & (CAPACITY - 1)]! += by;
  }

  /** What counts at a time as [step, value], the oldest first; allocates, for snapshots. */
  entries(timeUs: number): [step: number, value: number][] {
    const oldest = this.#stepOf(timeUs) - WINDOW_STEPS;
    const all = this.kept();
    return all.filter((_, index) => index === all.length - 1 || all[index + 1]![0] > oldest);
  }

  /** What is kept as [step, value], the oldest first; allocates. */
  kept(): [step: number, value: number][] {
    return Array.from({ length: this.#count }, (_, index) => {
      const at = (this.#head + index) & (CAPACITY - 1);
      return [this.#steps[at]!, this.#values[at]!];
    });
  }

  /** Puts back what `entries` or `kept` told. */
  restore(entries: readonly (readonly [step: number, value: number])[]): void {
    this.#head = 0;
    this.#count = 0;
    for (const [step, value] of entries) this.#push(step, value);
  }

  #stepOf(timeUs: number): number {
    return Math.floor(timeUs / this.#stepUs);
  }

  #push(step: number, value: number): void {
    const at = (this.#head + this.#count) & (CAPACITY - 1);
    this.#steps[at] = step;
    this.#values[at] = value;
    this.#count += 1;
  }

  /** Lets go of values that a younger one, itself a whole window back, took the place of. */
  #drop(timeUs: number): void {
    const oldest = this.#stepOf(timeUs) - WINDOW_STEPS;
    while (this.#count > 1 && this.#steps[(this.#head + 1) & (CAPACITY - 1)]! <= oldest) {
      this.#head = (this.#head + 1) & (CAPACITY - 1);
      this.#count -= 1;
    }
  }
}

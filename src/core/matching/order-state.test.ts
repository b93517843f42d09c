import { ORD_STATUSES } from '../values/vocabulary.js';
import { FREE, isWorking, nextState, ORDER_TRANSITIONS, PENDING, TRANSITION_ROWS } from './order-state.js';

describe('The life of an order', () => {
  it('allows what the table names and throws for everything else', () => {
    for (let state = 0; state <= PENDING; state += 1) {
      for (let transition = 0; transition < ORDER_TRANSITIONS.length; transition += 1) {
        const row = TRANSITION_ROWS.find(([from, by]) => from === state && by === transition);
        if (row !== undefined) expect(nextState(state, transition)).toBe(row[2]);
        else expect(() => nextState(state, transition)).toThrow(ORDER_TRANSITIONS[transition]);
      }
    }
  });

  it('leaves final states never', () => {
    for (const name of ['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'] as const) {
      const state = ORD_STATUSES.indexOf(name);
      expect(TRANSITION_ROWS.filter(([from]) => from === state)).toEqual([]);
      expect(isWorking(state)).toBe(false);
    }
    expect(isWorking(FREE)).toBe(false);
    expect(isWorking(PENDING)).toBe(false);
  });
});

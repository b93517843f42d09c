import { playFixedSequence } from '../../testing/fixed-sequence.js';

/**
 * Written down, not computed: every Node version and machine must come to these. They change together with the format of
 * the state or of events, and then only: whoever changes a format writes the new ones here and raises the snapshot's version.
 */
const EXPECTED = {
  stateHash: 'ce3cc4859da8aa53',
  eventsHash: '64d497cf4162b082',
  events: 3773,
  trades: 378,
};

describe('A fixed sequence of commands', () => {
  it('comes to the same state and events on every machine and Node version, and from its snapshot', () => {
    const { restoredHash, ...digest } = playFixedSequence();
    expect(digest).toEqual(EXPECTED);
    expect(restoredHash).toBe(digest.stateHash);
  });
});

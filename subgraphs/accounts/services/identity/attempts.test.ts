import { SignInAttempts } from './attempts.js';

const MINUTE = 60_000;

function failing(attempts: SignInAttempts, times: number, name: string | null, address: string | null): void {
  for (let n = 0; n < times; n += 1) attempts.failed(name ?? `name-${n}`, address ?? `10.0.0.${n}`, 0);
}

describe('failed sign-ins', () => {
  it('make a name wait from the address that failed ten times, and from no other', () => {
    const attempts = new SignInAttempts();
    failing(attempts, 9, 'ann', '1.1.1.1');
    expect(attempts.wait('ann', '1.1.1.1', 0)).toBeNull();
    failing(attempts, 1, 'ann', '1.1.1.1');
    expect(attempts.wait('ann', '1.1.1.1', MINUTE)).toEqual({ waitMs: 14 * MINUTE, limit: 10 });
    expect(attempts.wait('ann', '2.2.2.2', 0)).toBeNull();
    expect(attempts.wait('ann', '1.1.1.1', 15 * MINUTE)).toBeNull();
  });

  it('make an address wait that fails in one name after the other', () => {
    const attempts = new SignInAttempts();
    failing(attempts, 50, null, '1.1.1.1');
    expect(attempts.wait('somebody', '1.1.1.1', 0)).toMatchObject({ limit: 50 });
    expect(attempts.wait('somebody', '2.2.2.2', 0)).toBeNull();
  });

  it('make a name wait that many addresses fail in, without regard to who asks', () => {
    const attempts = new SignInAttempts();
    failing(attempts, 99, 'ann', null);
    expect(attempts.wait('ann', '9.9.9.9', 0)).toBeNull();
    failing(attempts, 1, 'ann', null);
    expect(attempts.wait('ann', '9.9.9.9', 0)).toMatchObject({ limit: 100 });
  });

  it('are forgotten for the name and address that then succeed, and not for the address', () => {
    const attempts = new SignInAttempts();
    failing(attempts, 10, 'ann', '1.1.1.1');
    attempts.succeeded('ann', '1.1.1.1');
    expect(attempts.wait('ann', '1.1.1.1', 0)).toBeNull();
    failing(attempts, 40, null, '1.1.1.1');
    expect(attempts.wait('ann', '1.1.1.1', 0)).toMatchObject({ limit: 50 });
  });

  it('take bounded memory', () => {
    const attempts = new SignInAttempts();
    failing(attempts, 10, 'ann', '1.1.1.1');
    for (let n = 0; n < 20_000; n += 1) attempts.failed('x'.repeat(1_000) + n, `10.${n}`, 0);
    expect(attempts.wait('ann', '1.1.1.1', 0)).toBeNull();
  });
});

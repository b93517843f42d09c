/** A self-signed certificate of localhost, made anew for each test: no key lies in the repo, and none runs out. */
import { generateKeyPairSync, sign } from 'node:crypto';

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const UTF8_STRING = 0x0c;
const UTC_TIME = 0x17;

/** One DER element. */
function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  const size = body.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const bits = (bytes: Uint8Array) => element(BIT_STRING, Buffer.from([0]), bytes);
const time = (date: Date) =>
  element(UTC_TIME, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

/** ecdsa-with-SHA256 and commonName, as DER has object identifiers. */
const ECDSA_SHA256 = element(SEQUENCE, element(OBJECT_ID, Buffer.from('2a8648ce3d040302', 'hex')));
const COMMON_NAME = element(OBJECT_ID, Buffer.from('550403', 'hex'));
const DAY_MS = 86_400_000;

export function selfSigned(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = element(
    SEQUENCE,
    element(SET, element(SEQUENCE, COMMON_NAME, element(UTF8_STRING, Buffer.from('localhost')))),
  );
  const now = Date.now();
  const validity = element(SEQUENCE, time(new Date(now - DAY_MS)), time(new Date(now + DAY_MS)));
  const publicInfo = publicKey.export({ type: 'spki', format: 'der' });
  const serial = element(INTEGER, Buffer.from([1]));
  const content = element(SEQUENCE, serial, ECDSA_SHA256, name, validity, name, publicInfo);
  const signature = sign('sha256', content, privateKey);
  const certificate = element(SEQUENCE, content, ECDSA_SHA256, bits(signature));
  const lines = certificate.toString('base64').replaceAll(/(.{64})/g, '$1\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

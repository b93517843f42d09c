import 'reflect-metadata';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';

@ObjectType({ simpleResolvers: true, description: 'Tokens of a session.' })
export class Session {
  @Field(() => String, { description: 'Sent as "Authorization: Bearer …"; good until expiresAt.' })
  accessToken: string;

  @Field(() => String, {
    description: 'Good for one refreshSession within 30 days; using one twice ends the whole session.',
  })
  refreshToken: string;

  @Field(() => DateTimeScalar, { description: 'End of the access token.' })
  expiresAt: number;
}

@ObjectType({ simpleResolvers: true, description: 'A key for programs; its secret is shown once, when it is made.' })
export class ApiKey {
  @Field(() => ID, { description: 'Id of the key.' })
  id: string;

  @Field(() => String, { description: 'What its owner calls it.' })
  name: string;

  @Field(() => String, { description: 'Public beginning of the key, by which it is told from others.' })
  prefix: string;

  @Field(() => [String], { description: 'What it may do.' })
  scopes: string[];

  @Field(() => [String], { description: 'Addresses and networks that it may be used from; empty = any.' })
  allowedIps: string[];

  @Field(() => Boolean, { description: 'True where its requests must be signed (docs/security.md).' })
  requiresSignature: boolean;

  @Field(() => DateTimeScalar, { description: 'When it was made.' })
  createdAt: number;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Last use, to the minute; null before the first.' })
  lastUsedAt: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Its end; null = none.' })
  expiresAt: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked; null while it counts.' })
  revokedAt: number | null;
}

@ObjectType({ simpleResolvers: true, description: 'The secret is shown this once.' })
export class CreateApiKeyPayload {
  @Field(() => ApiKey, { description: 'The key.' })
  apiKey: ApiKey;

  @Field(() => String, {
    description: 'The whole key, sent as "Authorization: Bearer tsk_…"; keep it, it is not told again.',
  })
  secret: string;

  @Field(() => String, {
    nullable: true,
    description: 'What its requests are signed with, where they must be; not told again and never sent.',
  })
  signingSecret: string | null;
}

@ObjectType({ simpleResolvers: true, description: 'Somebody who may sign in.' })
export class User {
  @Field(() => ID, { description: 'Name to sign in with, and owner of accounts.' })
  username: string;

  @Field(() => [String], { description: 'What the user may do.' })
  scopes: string[];

  @Field(() => Boolean, { description: 'True where sign-in is refused.' })
  disabled: boolean;

  @Field(() => DateTimeScalar, { description: 'When the user was made.' })
  createdAt: number;
}

@InputType({ description: 'A user to make, or one to give another password and other scopes.' })
export class SaveUserInput {
  @Field(() => ID, { description: '1 to 64 of A-Z, a-z, 0-9, point, minus, underscore and @.' })
  username: string;

  @Field(() => String, { description: '12 to 256 characters; kept as an argon2id hash only.' })
  password: string;

  @Field(() => [String], { description: 'What the user may do, e.g. market:read, orders:read, orders:write.' })
  scopes: string[];
}

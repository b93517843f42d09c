/** The audit log as administrators see it. */
import 'reflect-metadata';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { defineEnum } from '../../../src/graphql/enums.js';
import { PageInfo } from '../../../src/graphql/page.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';
import type { CredentialKind } from '../../../src/ports/audit-store.js';

export const CredentialKindEnum = defineEnum<CredentialKind>('CredentialKind', 'What a caller showed.', {
  SESSION: 'The access token of a session.',
  API_KEY: 'An API key.',
  EXTERNAL: 'A token of the identity provider.',
  TOKEN: 'An access token that belongs to no session.',
  OPERATOR: 'Nothing: the command line on the database.',
});

@ObjectType({ simpleResolvers: true, description: 'A mutation that somebody asked for, executed or refused.' })
export class AuditLogEntry {
  @Field(() => ID, { description: 'Its place in the log.' })
  id: string;

  @Field(() => DateTimeScalar, { description: 'When it was answered.' })
  time: number;

  @Field(() => String, { description: 'Id of the request, as logs and the header x-request-id know it.' })
  requestId: string;

  @Field(() => ID, { nullable: true, description: 'Who asked; null where nobody was signed in.' })
  userId: string | null;

  @Field(() => CredentialKindEnum, { nullable: true, description: 'What was shown; null where nothing was.' })
  credentialKind: CredentialKind | null;

  @Field(() => ID, { nullable: true, description: 'The session or API key; null where it was neither.' })
  credentialId: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the client; of IPv6 its /64.' })
  address: string | null;

  @Field(() => String, { description: 'The mutation, e.g. placeOrder.' })
  action: string;

  @Field(() => String, {
    description: 'Its arguments as JSON, secrets redacted; of long ones the length and the beginning.',
  })
  arguments: string;

  @Field(() => String, {
    description:
      'Type of the answer, of a list each type with its count; the code of the error; SKIPPED of a field that the document leaves out; OK without any.',
  })
  result: string;
}

@ObjectType({ simpleResolvers: true, description: 'An entry and where it stands in its list.' })
export class AuditLogEdge {
  @Field(() => String, { description: 'Position of the entry; hand it back as `after`.' })
  cursor: string;

  @Field(() => AuditLogEntry, { description: 'The entry.' })
  node: AuditLogEntry;
}

@ObjectType({ simpleResolvers: true, description: 'A page of the audit log, newest first.' })
export class AuditLogConnection {
  @Field(() => [AuditLogEdge], { description: 'The entries.' })
  edges: readonly AuditLogEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies.' })
  pageInfo: PageInfo;
}

@InputType({ description: 'What entries must have; what is absent does not matter.' })
export class AuditLogFilter {
  @Field(() => ID, { nullable: true, description: 'Who asked.' })
  userId?: string | null;

  @Field(() => ID, { nullable: true, description: 'The session or API key.' })
  credentialId?: string | null;

  @Field(() => String, { nullable: true, description: 'Address of the client.' })
  address?: string | null;

  @Field(() => String, { nullable: true, description: 'The mutation, e.g. placeOrder.' })
  action?: string | null;

  @Field(() => String, { nullable: true, description: 'The result, e.g. FORBIDDEN.' })
  result?: string | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Earliest time, inclusive.' })
  from?: number | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Latest time, exclusive.' })
  to?: number | null;
}

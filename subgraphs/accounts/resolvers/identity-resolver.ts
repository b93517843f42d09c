import { Arg, Authorized, Ctx, Directive, ID, Mutation, Query, Resolver } from 'type-graphql';
import { requireIdentity, requireScope } from '../../../src/graphql/authorization.js';
import type { RequestContext, Scope } from '../../../src/graphql/context.js';
import { About } from '../../../src/graphql/list-size.js';
import { DateTimeScalar } from '../../../src/graphql/scalars.js';
import type { IdentityService } from '../services/identity/identity.js';
import { ApiKey, CreateApiKeyPayload, SaveUserInput, Session, User } from '../types/identity.js';

@Resolver()
export class IdentityResolver {
  constructor(private readonly service: IdentityService) {}

  @Directive('@cost(weight: 100)')
  @Mutation(() => Session, {
    description:
      'Signs in. Ten failures of a name from one address within 15 minutes make it wait, also fifty of an address and a hundred of a name.',
  })
  createSession(
    @Arg('username', () => String, { description: 'Name of the user.' }) username: string,
    @Arg('password', () => String, { description: 'Its password.' }) password: string,
    @Ctx() context: RequestContext,
  ): Promise<Session> {
    return this.service.sessions.create(username, password, context.address ?? 'unknown');
  }

  @Mutation(() => Session, { description: 'Gives new tokens for a refresh token, which is then used up.' })
  refreshSession(
    @Arg('refreshToken', () => String, { description: 'The session’s newest refresh token.' }) refreshToken: string,
  ): Promise<Session> {
    return this.service.sessions.refresh(refreshToken);
  }

  @Authorized()
  @Mutation(() => Boolean, {
    description: 'Ends the session whose access token is sent: its tokens and subscriptions end at once.',
  })
  logout(@Ctx() context: RequestContext): Promise<boolean> {
    return this.service.logout(requireIdentity(context));
  }

  @Authorized()
  @About(20)
  @Query(() => [ApiKey], { description: 'Your API keys, newest first, revoked ones behind the others; at most 100.' })
  apiKeys(@Ctx() context: RequestContext): Promise<ApiKey[]> {
    return this.service.listKeys(requireIdentity(context));
  }

  @Authorized()
  @Mutation(() => CreateApiKeyPayload, { description: 'Makes an API key with some of your own scopes.' })
  createApiKey(
    @Arg('name', () => String, { description: 'What you call it, 1 to 100 characters.' }) name: string,
    @Arg('scopes', () => [String], { description: 'Scopes that you have yourself.' }) scopes: string[],
    @Arg('expiresAt', () => DateTimeScalar, { nullable: true, description: 'Its end; absent = none.' })
    expiresAt: number | null,
    @Arg('allowedIps', () => [String], {
      nullable: true,
      description: 'Addresses and networks that it may be used from, at most 32; absent = any.',
    })
    allowedIps: string[] | null,
    @Arg('requireSignature', () => Boolean, {
      nullable: true,
      description: 'Whether each of its requests must be signed; absent = no.',
    })
    requireSignature: boolean | null,
    @Ctx() context: RequestContext,
  ): Promise<CreateApiKeyPayload> {
    const requiresSignature = requireSignature ?? false;
    const key = { name, scopes, expiresUs: expiresAt ?? null, allowedIps: allowedIps ?? [], requiresSignature };
    return this.service.createKey(requireIdentity(context), key);
  }

  @Authorized()
  @Mutation(() => ApiKey, { description: 'Revokes a key of yours, or anybody’s with scope admin: it ends at once.' })
  revokeApiKey(
    @Arg('id', () => ID, { description: 'Id of the key.' }) id: string,
    @Ctx() context: RequestContext,
  ): Promise<ApiKey> {
    return this.service.revokeKey(requireIdentity(context), id);
  }

  @Authorized<Scope>('admin')
  @About(100)
  @Query(() => [User], { description: 'Everybody who may sign in, by name. Needs scope admin.' })
  users(): Promise<User[]> {
    return this.service.listUsers();
  }

  @Authorized<Scope>('admin')
  @Directive('@cost(weight: 100)')
  @Mutation(() => User, {
    description:
      'Makes a user, or gives one another password and other scopes, which ends its sessions. Needs scope admin.',
  })
  saveUser(
    @Arg('input', () => SaveUserInput, { description: 'The user.' }) input: SaveUserInput,
    @Ctx() context: RequestContext,
  ): Promise<User> {
    return this.service.saveUser(requireScope(context, 'admin'), input);
  }

  @Authorized<Scope>('admin')
  @Mutation(() => User, {
    description: 'Refuses sign-in from now on, and ends sessions and API keys. Needs scope admin.',
  })
  disableUser(@Arg('username', () => ID, { description: 'Name of the user.' }) username: string): Promise<User> {
    return this.service.disableUser(username);
  }
}

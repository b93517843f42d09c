/** Subjects of the bus, beside engine.events, which is the event log's own. Permissions of the roles are made of these (deployments/nats/nats.conf). */

/** The leader tells that it lives and how far its events reach. */
export const HEAD_SUBJECT = 'engine.head';

/** Where the leader of an epoch takes commands, packed. */
export const commandsSubject = (epoch: number): string => `engine.commands.${epoch}`;
/** Where it answers what changes nothing. */
export const queriesSubject = (epoch: number): string => `engine.queries.${epoch}`;
/** Where it gives images and past events. */
export const readsSubject = (epoch: number): string => `engine.reads.${epoch}`;

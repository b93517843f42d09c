-- CreateTable
CREATE TABLE "engine_lease" (
    "id" INTEGER NOT NULL,
    "journal_id" TEXT NOT NULL,
    "epoch" BIGINT NOT NULL,
    "holder" TEXT NOT NULL,
    "renewals" BIGINT NOT NULL,

    CONSTRAINT "engine_lease_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "engine_journal" (
    "first_sequence" BIGINT NOT NULL,
    "count" INTEGER NOT NULL,
    "epoch" BIGINT NOT NULL,
    "format" INTEGER NOT NULL,
    "crc" BIGINT NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "engine_journal_pkey" PRIMARY KEY ("first_sequence")
);

-- CreateTable
CREATE TABLE "engine_snapshots" (
    "command_sequence" BIGINT NOT NULL,
    "event_sequence" BIGINT NOT NULL,
    "crc" BIGINT NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "engine_snapshots_pkey" PRIMARY KEY ("command_sequence")
);

-- Compressing what is packed already costs the writer and saves nothing.
ALTER TABLE "engine_journal" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;
ALTER TABLE "engine_snapshots" ALTER COLUMN "bytes" SET STORAGE EXTERNAL;

-- The lease is renewed several times a second: its versions stay on one page.
ALTER TABLE "engine_lease" SET (fillfactor = 10);

INSERT INTO "engine_lease" ("id", "journal_id", "epoch", "holder", "renewals") VALUES (1, gen_random_uuid()::text, 0, '', 0);

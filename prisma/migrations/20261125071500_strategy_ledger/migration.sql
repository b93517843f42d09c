-- A strategy is accounted for by its own executions instead of by what its account had before. Those of a strategy that has run
-- already are read from the journal when it is set to work next.
ALTER TABLE "strategies" DROP COLUMN "baseline",
ADD COLUMN     "flatten" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "ledger" JSONB;

-- What came in from outside and went out again: with the trades in execution_reports the whole ledger.

-- CreateTable
CREATE TABLE "transfers" (
    "sequence" BIGINT NOT NULL,
    "time_us" BIGINT NOT NULL,
    "account" INTEGER NOT NULL,
    "asset" INTEGER NOT NULL,
    "amount_units" BIGINT NOT NULL,
    "transfer_id" TEXT NOT NULL,

    CONSTRAINT "transfers_pkey" PRIMARY KEY ("sequence")
);

-- CreateIndex
CREATE INDEX "transfers_account_sequence_idx" ON "transfers"("account", "sequence");

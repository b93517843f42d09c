-- CreateTable
CREATE TABLE "strategies" (
    "id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "symbols" TEXT[],
    "parameters" JSONB NOT NULL,
    "status" TEXT NOT NULL,
    "error" TEXT,
    "run_count" INTEGER NOT NULL,
    "baseline" JSONB,
    "created_us" BIGINT NOT NULL,
    "started_us" BIGINT,

    CONSTRAINT "strategies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "backtests" (
    "id" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "input" JSONB NOT NULL,
    "status" TEXT NOT NULL,
    "progress" DOUBLE PRECISION NOT NULL,
    "report" JSONB,
    "error" TEXT,
    "created_us" BIGINT NOT NULL,
    "finished_us" BIGINT,

    CONSTRAINT "backtests_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "strategies_owner_id_created_us_idx" ON "strategies"("owner_id", "created_us");

-- CreateIndex
CREATE INDEX "backtests_owner_id_created_us_idx" ON "backtests"("owner_id", "created_us");

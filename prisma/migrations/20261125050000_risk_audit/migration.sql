-- AlterEnum
ALTER TYPE "ord_rej_reason" ADD VALUE 'GROSS_EXPOSURE_LIMIT';
ALTER TYPE "ord_rej_reason" ADD VALUE 'NET_EXPOSURE_LIMIT';
ALTER TYPE "ord_rej_reason" ADD VALUE 'CANCEL_RATE_LIMIT';
ALTER TYPE "ord_rej_reason" ADD VALUE 'ACCOUNT_HALTED';
ALTER TYPE "ord_rej_reason" ADD VALUE 'ACCOUNT_REDUCE_ONLY';

-- CreateTable
CREATE TABLE "risk_audit" (
    "sequence" BIGINT NOT NULL,
    "time_us" BIGINT NOT NULL,
    "action" TEXT NOT NULL,
    "account" INTEGER,
    "instrument" INTEGER,
    "tier" TEXT,
    "before" TEXT,
    "after" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "set_by" TEXT NOT NULL,

    CONSTRAINT "risk_audit_pkey" PRIMARY KEY ("sequence")
);

-- CreateIndex
CREATE INDEX "risk_audit_account" ON "risk_audit"("account", "sequence");

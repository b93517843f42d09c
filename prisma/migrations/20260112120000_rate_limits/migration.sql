-- Quotas that several routers count together. Unlogged: after a crash of the server a window begins anew, which costs nothing.
CREATE UNLOGGED TABLE "rate_limits" (
    "caller" TEXT NOT NULL,
    "rate_class" TEXT NOT NULL,
    "taken_at_ms" BIGINT[],
    "ends_at_ms" BIGINT NOT NULL,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("caller","rate_class")
);

CREATE INDEX "rate_limits_ends_at_ms_idx" ON "rate_limits"("ends_at_ms");

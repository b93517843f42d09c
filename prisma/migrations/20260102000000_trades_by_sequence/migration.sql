-- CreateIndex
CREATE INDEX "trades_instrument_sequence_idx" ON "trades"("instrument", "sequence");

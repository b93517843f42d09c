-- AlterTable
ALTER TABLE "backtests" ADD COLUMN     "grid_id" TEXT;

-- CreateIndex
CREATE INDEX "backtests_owner_id_grid_id_created_us_idx" ON "backtests"("owner_id", "grid_id", "created_us");

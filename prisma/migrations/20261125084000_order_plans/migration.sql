-- CreateEnum
CREATE TYPE "contingency" AS ENUM ('OCO', 'OTO', 'BRACKET');

-- CreateEnum
CREATE TYPE "plan_leg" AS ENUM ('ENTRY', 'TAKE_PROFIT', 'STOP_LOSS');

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "contingency" "contingency",
ADD COLUMN     "plan_id" BIGINT,
ADD COLUMN     "plan_leg" "plan_leg";

-- CreateIndex
CREATE INDEX "orders_plan_id_idx" ON "orders"("plan_id");

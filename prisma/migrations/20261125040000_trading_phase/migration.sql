-- AlterEnum
ALTER TYPE "ord_rej_reason" ADD VALUE 'TRADING_PHASE';

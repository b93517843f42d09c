-- AlterEnum
ALTER TYPE "ord_rej_reason" ADD VALUE 'BATCH_REJECTED';

-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "requires_signature" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "request_nonces" (
    "key_id" TEXT NOT NULL,
    "nonce" TEXT NOT NULL,
    "until_ms" BIGINT NOT NULL,

    CONSTRAINT "request_nonces_pkey" PRIMARY KEY ("key_id","nonce")
);

-- CreateIndex
CREATE INDEX "request_nonces_until_ms_idx" ON "request_nonces"("until_ms");

-- CreateTable
CREATE TABLE "users" (
    "id" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "disabled" BOOLEAN NOT NULL,
    "created_us" BIGINT NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "used_hashes" TEXT[],
    "created_us" BIGINT NOT NULL,
    "expires_us" BIGINT NOT NULL,
    "revoked_us" BIGINT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "secret_hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "allowed_ips" TEXT[],
    "created_us" BIGINT NOT NULL,
    "last_used_us" BIGINT,
    "expires_us" BIGINT,
    "revoked_us" BIGINT,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_revoked_us_idx" ON "sessions"("revoked_us");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_prefix_key" ON "api_keys"("prefix");

-- CreateIndex
CREATE INDEX "api_keys_user_id_created_us_idx" ON "api_keys"("user_id", "created_us");

-- CreateIndex
CREATE INDEX "api_keys_revoked_us_idx" ON "api_keys"("revoked_us");

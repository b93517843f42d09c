-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "side" AS ENUM ('BUY', 'SELL');

-- CreateEnum
CREATE TYPE "ord_type" AS ENUM ('MARKET', 'LIMIT', 'STOP', 'STOP_LIMIT', 'TRAILING_STOP');

-- CreateEnum
CREATE TYPE "time_in_force" AS ENUM ('DAY', 'GTC', 'IOC', 'FOK', 'GTD', 'AT_THE_OPEN', 'AT_THE_CLOSE');

-- CreateEnum
CREATE TYPE "ord_status" AS ENUM ('NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED');

-- CreateEnum
CREATE TYPE "exec_type" AS ENUM ('NEW', 'TRADE', 'CANCELED', 'REPLACED', 'REJECTED', 'EXPIRED', 'TRIGGERED', 'RESTATED');

-- CreateEnum
CREATE TYPE "self_trade_prevention" AS ENUM ('NONE', 'CANCEL_NEWEST', 'CANCEL_OLDEST', 'CANCEL_BOTH', 'DECREMENT');

-- CreateEnum
CREATE TYPE "trading_status" AS ENUM ('PRE_OPEN', 'AUCTION', 'OPEN', 'HALTED', 'CLOSED');

-- CreateEnum
CREATE TYPE "candle_interval" AS ENUM ('S1', 'S5', 'M1', 'M5', 'M15', 'H1', 'H4', 'D1');

-- CreateEnum
CREATE TYPE "aggressor_side" AS ENUM ('BUY', 'SELL', 'NONE');

-- CreateEnum
CREATE TYPE "ord_rej_reason" AS ENUM ('UNKNOWN_SYMBOL', 'UNKNOWN_ORDER', 'UNKNOWN_ACCOUNT', 'TRADING_HALTED', 'INVALID_PRICE', 'INVALID_QTY', 'UNSUPPORTED_ORDER', 'DUPLICATE_CL_ORD_ID', 'TOO_LATE_TO_CANCEL', 'POST_ONLY_WOULD_TAKE', 'REDUCE_ONLY_WOULD_INCREASE', 'FOK_NOT_FILLABLE', 'NO_LIQUIDITY', 'SELF_TRADE', 'PRICE_COLLAR', 'MAX_ORDER_QTY', 'MAX_ORDER_NOTIONAL', 'POSITION_LIMIT', 'OPEN_ORDER_LIMIT', 'INSUFFICIENT_FUNDS', 'DAILY_LOSS_LIMIT', 'ORDER_RATE_LIMIT', 'KILL_SWITCH', 'ENGINE_UNAVAILABLE', 'INVALID_REQUEST');

-- CreateEnum
CREATE TYPE "account_kind" AS ENUM ('VENUE', 'CASH', 'MARGIN');

-- CreateTable
CREATE TABLE "projector_offset" (
    "id" SMALLINT NOT NULL,
    "through_sequence" BIGINT NOT NULL,
    "command_sequence" BIGINT NOT NULL,
    "time_us" BIGINT NOT NULL,

    CONSTRAINT "projector_offset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "assets" (
    "asset" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "scale" SMALLINT NOT NULL,

    CONSTRAINT "assets_pkey" PRIMARY KEY ("asset")
);

-- CreateTable
CREATE TABLE "instruments" (
    "instrument" INTEGER NOT NULL,
    "symbol" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "base_asset" TEXT NOT NULL,
    "quote_asset" TEXT NOT NULL,
    "tick_size" DECIMAL NOT NULL,
    "lot_size" DECIMAL NOT NULL,
    "min_price_ticks" BIGINT NOT NULL,
    "max_price_ticks" BIGINT NOT NULL,
    "min_qty_lots" BIGINT NOT NULL,
    "max_qty_lots" BIGINT NOT NULL,
    "maker_fee_ppm" INTEGER NOT NULL,
    "taker_fee_ppm" INTEGER NOT NULL,
    "price_collar_ppm" INTEGER,
    "reference_px_ticks" BIGINT NOT NULL,

    CONSTRAINT "instruments_pkey" PRIMARY KEY ("instrument")
);

-- CreateTable
CREATE TABLE "instrument_statuses" (
    "instrument" INTEGER NOT NULL,
    "status" "trading_status" NOT NULL,
    "reason" TEXT NOT NULL,
    "since_us" BIGINT NOT NULL,

    CONSTRAINT "instrument_statuses_pkey" PRIMARY KEY ("instrument")
);

-- CreateTable
CREATE TABLE "accounts" (
    "account" INTEGER NOT NULL,
    "account_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "owner_id" TEXT NOT NULL,
    "kind" "account_kind" NOT NULL,
    "opened_us" BIGINT NOT NULL,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("account")
);

-- CreateTable
CREATE TABLE "risk_limits" (
    "account" INTEGER NOT NULL,
    "max_order_qty_e8" BIGINT,
    "max_order_notional_e6" BIGINT,
    "max_position_qty_e8" BIGINT,
    "max_gross_exposure_e6" BIGINT,
    "max_open_orders" BIGINT,
    "max_daily_loss_e6" BIGINT,
    "max_orders_per_second" BIGINT,
    "price_collar_ppm" BIGINT,
    "set_by" TEXT NOT NULL,
    "since_us" BIGINT NOT NULL,

    CONSTRAINT "risk_limits_pkey" PRIMARY KEY ("account")
);

-- CreateTable
CREATE TABLE "kill_switches" (
    "account" INTEGER NOT NULL,
    "engaged" BOOLEAN NOT NULL,
    "set_by" TEXT NOT NULL,
    "since_us" BIGINT NOT NULL,

    CONSTRAINT "kill_switches_pkey" PRIMARY KEY ("account")
);

-- CreateTable
CREATE TABLE "balances" (
    "account" INTEGER NOT NULL,
    "asset" INTEGER NOT NULL,
    "total_units" BIGINT NOT NULL,
    "held_units" BIGINT NOT NULL,
    "updated_us" BIGINT NOT NULL,

    CONSTRAINT "balances_pkey" PRIMARY KEY ("account","asset")
);

-- CreateTable
CREATE TABLE "positions" (
    "account" INTEGER NOT NULL,
    "instrument" INTEGER NOT NULL,
    "qty_lots" BIGINT NOT NULL,
    "cost_units" BIGINT NOT NULL,
    "realized_pnl_units" BIGINT NOT NULL,
    "fees_units" BIGINT NOT NULL,
    "updated_us" BIGINT NOT NULL,

    CONSTRAINT "positions_pkey" PRIMARY KEY ("account","instrument")
);

-- CreateTable
CREATE TABLE "orders" (
    "order_id" BIGINT NOT NULL,
    "cl_ord_id" TEXT,
    "account" INTEGER NOT NULL,
    "instrument" INTEGER NOT NULL,
    "side" "side" NOT NULL,
    "ord_type" "ord_type" NOT NULL,
    "time_in_force" "time_in_force" NOT NULL,
    "ord_status" "ord_status" NOT NULL,
    "order_qty_lots" BIGINT NOT NULL,
    "price_ticks" BIGINT,
    "stop_px_ticks" BIGINT,
    "display_qty_lots" BIGINT,
    "expire_time_us" BIGINT,
    "post_only" BOOLEAN NOT NULL,
    "reduce_only" BOOLEAN NOT NULL,
    "self_trade_prevention" "self_trade_prevention" NOT NULL,
    "cum_qty_lots" BIGINT NOT NULL,
    "leaves_qty_lots" BIGINT NOT NULL,
    "cum_notional_units" BIGINT NOT NULL,
    "ord_rej_reason" "ord_rej_reason",
    "text" TEXT,
    "rej_limit" DECIMAL,
    "rej_current" DECIMAL,
    "rej_projected" DECIMAL,
    "created_us" BIGINT NOT NULL,
    "updated_us" BIGINT NOT NULL,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "execution_reports" (
    "sequence" BIGINT NOT NULL,
    "leg" SMALLINT NOT NULL,
    "command_sequence" BIGINT NOT NULL,
    "time_us" BIGINT NOT NULL,
    "order_id" BIGINT NOT NULL,
    "cl_ord_id" TEXT,
    "account" INTEGER NOT NULL,
    "instrument" INTEGER NOT NULL,
    "exec_type" "exec_type" NOT NULL,
    "ord_status" "ord_status" NOT NULL,
    "side" "side" NOT NULL,
    "last_px_ticks" BIGINT,
    "last_qty_lots" BIGINT,
    "cum_qty_lots" BIGINT NOT NULL,
    "leaves_qty_lots" BIGINT NOT NULL,
    "cum_notional_units" BIGINT NOT NULL,
    "ord_rej_reason" "ord_rej_reason",
    "text" TEXT,
    "trade_id" BIGINT,
    "fee_units" BIGINT,
    "maker" BOOLEAN,

    CONSTRAINT "execution_reports_pkey" PRIMARY KEY ("sequence","leg")
);

-- CreateTable
CREATE TABLE "trades" (
    "trade_id" BIGINT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "time_us" BIGINT NOT NULL,
    "instrument" INTEGER NOT NULL,
    "price_ticks" BIGINT NOT NULL,
    "qty_lots" BIGINT NOT NULL,
    "aggressor_side" "aggressor_side" NOT NULL,

    CONSTRAINT "trades_pkey" PRIMARY KEY ("trade_id")
);

-- CreateTable
CREATE TABLE "candles" (
    "instrument" INTEGER NOT NULL,
    "interval" "candle_interval" NOT NULL,
    "open_time_us" BIGINT NOT NULL,
    "open_ticks" BIGINT NOT NULL,
    "high_ticks" BIGINT NOT NULL,
    "low_ticks" BIGINT NOT NULL,
    "close_ticks" BIGINT NOT NULL,
    "volume_lots" BIGINT NOT NULL,
    "turnover" DECIMAL NOT NULL,
    "trade_count" BIGINT NOT NULL,

    CONSTRAINT "candles_pkey" PRIMARY KEY ("instrument","interval","open_time_us")
);

-- CreateIndex
CREATE UNIQUE INDEX "assets_code_key" ON "assets"("code");

-- CreateIndex
CREATE UNIQUE INDEX "instruments_symbol_key" ON "instruments"("symbol");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_account_id_key" ON "accounts"("account_id");

-- CreateIndex
CREATE INDEX "accounts_owner_id_idx" ON "accounts"("owner_id");

-- CreateIndex
CREATE INDEX "orders_account_ord_status_created_us_order_id_idx" ON "orders"("account", "ord_status", "created_us", "order_id");

-- CreateIndex
CREATE INDEX "orders_account_instrument_ord_status_created_us_order_id_idx" ON "orders"("account", "instrument", "ord_status", "created_us", "order_id");

-- CreateIndex
CREATE INDEX "orders_account_cl_ord_id_idx" ON "orders"("account", "cl_ord_id");

-- CreateIndex
CREATE INDEX "execution_reports_account_sequence_leg_idx" ON "execution_reports"("account", "sequence", "leg");

-- CreateIndex
CREATE INDEX "execution_reports_account_exec_type_sequence_leg_idx" ON "execution_reports"("account", "exec_type", "sequence", "leg");

-- CreateIndex
CREATE INDEX "execution_reports_order_id_sequence_leg_idx" ON "execution_reports"("order_id", "sequence", "leg");

-- CreateIndex
CREATE INDEX "execution_reports_command_sequence_idx" ON "execution_reports"("command_sequence");

-- CreateIndex
CREATE INDEX "trades_instrument_time_us_trade_id_idx" ON "trades"("instrument", "time_us", "trade_id");

-- What the schema language has no words for.

-- One offset for all tables, there from the beginning, never below what was written.
ALTER TABLE "projector_offset" ADD CONSTRAINT "projector_offset_is_one_row" CHECK ("id" = 1);
INSERT INTO "projector_offset" ("id", "through_sequence", "command_sequence", "time_us") VALUES (1, 0, 0, 0);

ALTER TABLE "execution_reports" ADD CONSTRAINT "execution_reports_leg_is_0_or_1" CHECK ("leg" IN (0, 1));
-- A trade's report tells all of the trade, and no other report tells any of it.
ALTER TABLE "execution_reports" ADD CONSTRAINT "execution_reports_trade_is_whole" CHECK (
    num_nonnulls("last_px_ticks", "last_qty_lots", "trade_id", "fee_units", "maker") = CASE WHEN "exec_type" = 'TRADE' THEN 5 ELSE 0 END
);

-- Few rows that change at each trade: free space on their pages keeps updates off the indexes.
ALTER TABLE "balances" SET (fillfactor = 50);
ALTER TABLE "positions" SET (fillfactor = 50);
ALTER TABLE "candles" SET (fillfactor = 80);

-- Market data of other venues, imported from files or taken from a feed. In partitions by time, as the platform's own.

-- CreateTable
CREATE TABLE "imported_candles" (
    "instrument" INTEGER NOT NULL,
    "interval" "candle_interval" NOT NULL,
    "open_time_us" BIGINT NOT NULL,
    "open" DECIMAL NOT NULL,
    "high" DECIMAL NOT NULL,
    "low" DECIMAL NOT NULL,
    "close" DECIMAL NOT NULL,
    "volume" DECIMAL NOT NULL,
    "vwap" DECIMAL,
    "trade_count" BIGINT,
    "source" TEXT NOT NULL,

    CONSTRAINT "imported_candles_pkey" PRIMARY KEY ("instrument","interval","open_time_us")
) PARTITION BY RANGE ("open_time_us");

-- CreateTable
CREATE TABLE "imported_trades" (
    "instrument" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "time_us" BIGINT NOT NULL,
    "trade_id" BIGINT NOT NULL,
    "px" DECIMAL NOT NULL,
    "qty" DECIMAL NOT NULL,
    "aggressor_side" "aggressor_side" NOT NULL,

    CONSTRAINT "imported_trades_pkey" PRIMARY KEY ("instrument","source","time_us","trade_id")
) PARTITION BY RANGE ("time_us");

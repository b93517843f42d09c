-- History in partitions by time. A partition holds from <= time < to, in microseconds since 1970 UTC; the platform makes
-- them ahead of the rows. What is in a table already stays where it is and becomes the partition of all earlier times, so
-- that no trade and no report is copied; candles, which are few, move.

-- CreateTable
CREATE TABLE "history_floors" (
    "table_name" TEXT NOT NULL,
    "through_sequence" BIGINT NOT NULL,
    "from_us" BIGINT NOT NULL,

    CONSTRAINT "history_floors_pkey" PRIMARY KEY ("table_name")
);

-- CreateTable
CREATE TABLE "daily_trade_totals" (
    "day_us" BIGINT NOT NULL,
    "account" INTEGER NOT NULL,
    "instrument" INTEGER NOT NULL,
    "net_qty_lots" DECIMAL NOT NULL,
    "net_turnover" DECIMAL NOT NULL,
    "fee_units" DECIMAL NOT NULL,

    CONSTRAINT "daily_trade_totals_pkey" PRIMARY KEY ("day_us","account","instrument")
);
ALTER TABLE "daily_trade_totals" SET (fillfactor = 50);

INSERT INTO "daily_trade_totals"
SELECT "time_us" - "time_us" % 86400000000, "account", "instrument",
    sum(CASE "side" WHEN 'BUY' THEN "last_qty_lots" ELSE -"last_qty_lots" END),
    sum(CASE "side" WHEN 'BUY' THEN 1 ELSE -1 END * "last_px_ticks"::numeric * "last_qty_lots"),
    sum("fee_units")
FROM "execution_reports" WHERE "exec_type" = 'TRADE' GROUP BY 1, 2, 3;

-- The key of a partitioned table holds its time.
ALTER TABLE "execution_reports" RENAME TO "execution_reports_before";
ALTER TABLE "execution_reports_before" DROP CONSTRAINT "execution_reports_pkey";
ALTER TABLE "execution_reports_before" ADD CONSTRAINT "execution_reports_before_pkey" PRIMARY KEY ("sequence", "leg", "time_us");
ALTER INDEX "execution_reports_account_sequence_leg_idx" RENAME TO "execution_reports_before_account_sequence_leg_idx";
ALTER INDEX "execution_reports_account_exec_type_sequence_leg_idx" RENAME TO "execution_reports_before_account_exec_type_sequence_leg_idx";
ALTER INDEX "execution_reports_order_id_sequence_leg_idx" RENAME TO "execution_reports_before_order_id_sequence_leg_idx";
ALTER INDEX "execution_reports_command_sequence_idx" RENAME TO "execution_reports_before_command_sequence_idx";

CREATE TABLE "execution_reports" (
    LIKE "execution_reports_before" INCLUDING CONSTRAINTS,
    CONSTRAINT "execution_reports_pkey" PRIMARY KEY ("sequence", "leg", "time_us")
) PARTITION BY RANGE ("time_us");
CREATE INDEX "execution_reports_account_sequence_leg_idx" ON "execution_reports"("account", "sequence", "leg");
CREATE INDEX "execution_reports_account_exec_type_sequence_leg_idx" ON "execution_reports"("account", "exec_type", "sequence", "leg");
CREATE INDEX "execution_reports_order_id_sequence_leg_idx" ON "execution_reports"("order_id", "sequence", "leg");
CREATE INDEX "execution_reports_command_sequence_idx" ON "execution_reports"("command_sequence");

ALTER TABLE "trades" RENAME TO "trades_before";
ALTER TABLE "trades_before" DROP CONSTRAINT "trades_pkey";
ALTER TABLE "trades_before" ADD CONSTRAINT "trades_before_pkey" PRIMARY KEY ("trade_id", "time_us");
ALTER INDEX "trades_instrument_time_us_trade_id_idx" RENAME TO "trades_before_instrument_time_us_trade_id_idx";
ALTER INDEX "trades_instrument_sequence_idx" RENAME TO "trades_before_instrument_sequence_idx";

CREATE TABLE "trades" (
    LIKE "trades_before" INCLUDING CONSTRAINTS,
    CONSTRAINT "trades_pkey" PRIMARY KEY ("trade_id", "time_us")
) PARTITION BY RANGE ("time_us");
CREATE INDEX "trades_instrument_time_us_trade_id_idx" ON "trades"("instrument", "time_us", "trade_id");
CREATE INDEX "trades_instrument_sequence_idx" ON "trades"("instrument", "sequence");

-- Candles are kept for different times, hence apart by width first.
ALTER TABLE "candles" RENAME TO "candles_before";
ALTER TABLE "candles_before" DROP CONSTRAINT "candles_pkey";
CREATE TABLE "candles" (
    LIKE "candles_before" INCLUDING CONSTRAINTS,
    CONSTRAINT "candles_pkey" PRIMARY KEY ("instrument", "interval", "open_time_us")
) PARTITION BY LIST ("interval");
CREATE TABLE "candles_s1" PARTITION OF "candles" FOR VALUES IN ('S1') PARTITION BY RANGE ("open_time_us");
CREATE TABLE "candles_s5" PARTITION OF "candles" FOR VALUES IN ('S5') PARTITION BY RANGE ("open_time_us");
CREATE TABLE "candles_long" PARTITION OF "candles" FOR VALUES IN ('M1', 'M5', 'M15', 'H1', 'H4', 'D1') PARTITION BY RANGE ("open_time_us");

-- Ends of the partitions that take what is there: with the month (day, year) of the last row, where the next one begins.
DO $$
DECLARE
    kept RECORD;
    period RECORD;
    last_us BIGINT;
BEGIN
    FOR kept IN SELECT * FROM (VALUES ('execution_reports'), ('trades')) AS t (name) LOOP
        EXECUTE format('SELECT max(time_us) FROM %I', kept.name || '_before') INTO last_us;
        IF last_us IS NULL THEN
            EXECUTE format('DROP TABLE %I', kept.name || '_before');
        ELSE
            EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (MINVALUE) TO (%s)', kept.name, kept.name || '_before',
                (extract(epoch FROM date_trunc('month', to_timestamp(last_us / 1000000) AT TIME ZONE 'UTC') + interval '1 month') * 1000000)::bigint);
        END IF;
    END LOOP;
    FOR kept IN SELECT * FROM (VALUES ('candles_s1', 'day'), ('candles_s5', 'month'), ('candles_long', 'year')) AS t (name, width) LOOP
        FOR period IN EXECUTE format(
            $query$SELECT DISTINCT date_trunc(%L, to_timestamp(open_time_us / 1000000) AT TIME ZONE 'UTC') AS starts
            FROM candles_before WHERE interval::text = ANY (%L)$query$, kept.width,
            CASE kept.name WHEN 'candles_s1' THEN '{S1}' WHEN 'candles_s5' THEN '{S5}' ELSE '{M1,M5,M15,H1,H4,D1}' END) LOOP
            EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s) WITH (fillfactor = 80)',
                kept.name || to_char(period.starts, CASE kept.width WHEN 'day' THEN '_YYYY_MM_DD' WHEN 'month' THEN '_YYYY_MM' ELSE '_YYYY' END),
                kept.name, (extract(epoch FROM period.starts) * 1000000)::bigint,
                (extract(epoch FROM period.starts + ('1 ' || kept.width)::interval) * 1000000)::bigint);
        END LOOP;
    END LOOP;
END $$;

INSERT INTO "candles" SELECT * FROM "candles_before";
DROP TABLE "candles_before";

-- Orders that end with a connection.
ALTER TYPE "ord_rej_reason" ADD VALUE 'LEASE_LIMIT';

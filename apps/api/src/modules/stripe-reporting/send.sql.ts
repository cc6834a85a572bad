import { reportColumns } from "./meter-report.record.ts";

const sameReport = `r.customer_id = u.customer_id AND r.meter_id = u.meter_id AND r.channel = u.channel
      AND r.period_start = u.period_start AND r.sequence = u.sequence`;

/** Whether a report `d` waits for no other: a value goes after the values before it, a difference whenever it is due. */
export const hasItsTurn = `(d.mode = 'DELTA' OR NOT EXISTS (
        SELECT FROM meter_report e
        WHERE e.customer_id = d.customer_id AND e.meter_id = d.meter_id AND e.channel = d.channel
          AND e.period_start = d.period_start AND e.sequence < d.sequence AND e.state IN ('PENDING','SENDING','UNCERTAIN')
      ))`;

/**
 * Takes up what is due at `$1`, at most `$2` reports, the longest due first. Values (not differences) go in their order, so
 * that an older one never lands on a newer one. Answers them in the order in which they are to be told: that of each line,
 * and where that leaves a choice always the same one, so that a run can be repeated.
 */
export const claimReports = {
  name: "claim_meter_reports",
  text: `
    WITH u AS (
      SELECT d.customer_id, d.meter_id, d.channel, d.period_start, d.sequence FROM meter_report d
      WHERE d.state = 'PENDING' AND d.next_attempt_at <= $1 AND ${hasItsTurn}
      ORDER BY d.next_attempt_at LIMIT $2
    ), r AS (
    UPDATE meter_report r SET state = 'SENDING', attempts = r.attempts + 1, next_attempt_at = NULL,
      first_sent_at = coalesce(r.first_sent_at, $1), last_sent_at = $1
    FROM u WHERE ${sameReport} AND r.state = 'PENDING'
    RETURNING ${reportColumns})
    SELECT ${reportColumns} FROM r
    ORDER BY r.sequence, r.customer_id, r.meter_id, r.channel, r.period_start`,
};

/** How attempts ended. `attempts` fences: a process that lost its lead cannot settle what another has taken up since. */
export const settleReports = {
  name: "settle_meter_reports",
  text: `
    UPDATE meter_report r SET state = u.state, next_attempt_at = u.next_attempt_at, doubtful_since = u.doubtful_since,
      accepted_at = coalesce(u.accepted_at, r.accepted_at), settled_at = u.settled_at,
      key_generation = u.key_generation, failure_class = u.failure_class, failure_code = u.failure_code,
      failure_message = u.failure_message
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::integer[], $6::integer[], $7::text[],
      $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::timestamptz[], $12::integer[], $13::text[],
      $14::text[], $15::text[])
      AS u (customer_id, meter_id, channel, period_start, sequence, attempts, state, next_attempt_at, doubtful_since,
        accepted_at, settled_at, key_generation, failure_class, failure_code, failure_message)
    WHERE ${sameReport} AND r.state = 'SENDING' AND r.attempts = u.attempts`,
};

/**
 * What a process left behind that died, or lost its lead, while sending. Whether Stripe was told is unknown, so it is in
 * doubt from its first attempt on, and sent again under the same identifier.
 */
export const recoverReports = `
  UPDATE meter_report SET state = 'PENDING', next_attempt_at = $1,
    doubtful_since = coalesce(doubtful_since, last_sent_at, $1)
  WHERE state = 'SENDING'`;

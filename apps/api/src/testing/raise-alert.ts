import { randomUUID } from "node:crypto";
import type { Container } from "../container.ts";

/**
 * Raises an alert as evaluation does, without usage: its number under the lock of the customer's row, held until commit;
 * a nudge after it. Answers the sequence. For tests of whoever reads alerts.
 */
export async function raiseAlert(container: Container, customerId: string): Promise<string> {
  const sequence = await container.database.transaction(async (transaction) => {
    const [row] = await transaction.query<{ last_sequence: string }>(
      `INSERT INTO alert_sequence AS s (customer_id, last_sequence) VALUES ($1, 1)
       ON CONFLICT (customer_id) DO UPDATE SET last_sequence = s.last_sequence + 1 RETURNING last_sequence`,
      [customerId],
    );
    const [meter] = await transaction.query<{ id: string }>("SELECT id FROM meter WHERE key = 'calls'");
    const now = container.clock.now();
    await transaction.query(
      `INSERT INTO alert (customer_id, id, sequence, rule_id, kind, basis, severity, meter_id, threshold_key, percent,
         basis_value, threshold_value, crossing_value, period_start, period_end, crossed_at)
       VALUES ($1, $2, $3, $4, 'THRESHOLD', 'ALLOWANCE', 'WARNING', $5, '80', 80, 100, 80, 81, $6, $7, $8)`,
      [
        customerId,
        randomUUID(),
        row?.last_sequence,
        randomUUID(),
        meter?.id,
        new Date(now - 86_400_000),
        new Date(now + 86_400_000),
        new Date(now),
      ],
    );
    return row?.last_sequence ?? "";
  });
  container.nudges.nudge([customerId]);
  return sequence;
}

/** Makes what clients see of what events and history tell. */
import type { ExecutionReportFields, OrderState } from '../../../src/core/exchange/execution-report.js';
import type { ReferenceData } from '../../../src/core/exchange/reference-data.js';
import { ExecutionReport, Fill } from '../types/execution-report.js';
import { Order } from '../types/order.js';

export class OrderNodes {
  constructor(readonly reference: ReferenceData) {}

  order(state: OrderState): Order {
    const { accountId } = this.reference.accountAt(state.account);
    return new Order(state, accountId, this.reference.instrumentAt(state.instrument).terms);
  }

  report(report: ExecutionReportFields): ExecutionReport {
    return new ExecutionReport(this.#source(report));
  }

  /** @param report of execType TRADE */
  fill(report: ExecutionReportFields): Fill {
    return new Fill(this.#source(report));
  }

  #source(report: ExecutionReportFields) {
    const { accountId } = this.reference.accountAt(report.account);
    return { report, accountId, terms: this.reference.instrumentAt(report.instrument).terms };
  }
}

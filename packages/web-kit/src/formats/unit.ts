export { type MeasuredMeter, measuredUnit } from "@meterline/billing-domain";

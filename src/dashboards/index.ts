/**
 * dashboards: what Grafana draws and Prometheus watches of a cluster, described in a few lines each and written out for them.
 *
 * Invariants: expressions are made of the names that nodes show (room metrics), in either naming; nothing is computed that a node shows as it is.
 */
export { type AlertRule, type AlertRules, alertRules, rulesFile, usualLimits } from './alert-rules.ts'
export { type Dashboard, type DashboardName, dashboardNames, dashboards, expressionsOf } from './dashboards.ts'
export { grafanaDashboard } from './grafana.ts'
export { type ScrapeOptions, scrapeConfig } from './scrape-config.ts'
export { Terms, type TermsOptions } from './terms.ts'

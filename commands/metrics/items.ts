import { type ItemTable, itemKind, words } from '../../src/cli/index.ts'
import type { ListedAlert } from './alerts.ts'
import type { WrittenDashboard } from './dashboards.ts'

const dashboard = itemKind<WrittenDashboard>('Dashboards', {
  name: words('cluster', 'brokers', 'topics', 'groups', 'controller'),
  title: 'string',
  about: 'string',
  expressions: 'integer',
  path: 'string?',
})

const alert = itemKind<ListedAlert>('Alerts', {
  group: 'string',
  alert: 'string',
  severity: words('critical', 'warning'),
  expr: 'string',
  for: 'string',
  summary: 'string',
  description: 'string',
  next: 'string',
})

export const items: ItemTable = {
  'metrics alerts': [alert],
  'metrics dashboards': [dashboard],
  'metrics prometheus': [itemKind<{ target: string; job: string }>('ScrapeTargets', { target: 'string', job: 'string' })],
}

import type { Dashboard, DashboardName, Limits, Panel, Row, Variable } from './dashboards.ts'

/** A JSON value. */
type Json = object

/** Grafana draws on a grid of so many columns. */
const COLUMNS = 24
const SCHEMA_VERSION = 39
// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const source: Json = { type: 'prometheus', uid: '${datasource}' }

/** How wide and high a panel is: eight numbers stand in a row, three drawings. */
const sizes = {
  number: { w: 3, h: 4 },
  lines: { w: 8, h: 8 },
  table: { w: 8, h: 8 },
} as const satisfies Record<Panel['kind'], { readonly w: number; readonly h: number }>

/** A dashboard as Grafana (10 or later) imports it. It asks for the data source, and for the cluster. */
export function grafanaDashboard(name: DashboardName, dashboard: Dashboard): Json {
  return {
    uid: `tkafka-${name}`,
    title: dashboard.title,
    description: dashboard.about,
    tags: ['kafka', 'tkafka'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timezone: '',
    annotations: { list: [] },
    links: [
      {
        ...{ type: 'dashboards', title: 'tkafka', tags: ['tkafka'], url: '', icon: 'external link', tooltip: '' },
        ...{ asDropdown: true, includeVars: true, keepTime: true, targetBlank: false },
      },
    ],
    templating: {
      list: [
        { type: 'datasource', name: 'datasource', label: 'Data source', query: 'prometheus' },
        ...dashboard.variables.map((variable) => queryVariable(variable)),
      ],
    },
    panels: panelsOf(dashboard.rows),
  }
}

function queryVariable({ name, label, query, isMany }: Variable): Json {
  return {
    ...{ type: 'query', name, label, datasource: source, definition: query, query: { query, refId: name } },
    // With every change of the time range: topics and groups come and go.
    ...{ refresh: 2, sort: 1, multi: isMany, includeAll: isMany },
    ...(isMany ? { current: { selected: true, text: ['All'], value: ['$__all'] } } : {}),
  }
}

/** From the left to the right and from the top down. */
function panelsOf(rows: readonly Row[]): Json[] {
  const drawn: Json[] = []
  let y = 0
  for (const { title, panels } of rows) {
    drawn.push({ id: drawn.length + 1, type: 'row', title, collapsed: false, panels: [], gridPos: { x: 0, y, w: COLUMNS, h: 1 } })
    y++
    let x = 0
    let height = 0
    for (const panel of panels) {
      const { w, h } = sizes[panel.kind]
      if (x + w > COLUMNS) {
        y += height
        x = 0
        height = 0
      }
      drawn.push(drawnPanel(panel, drawn.length + 1, { x, y, w, h }))
      x += w
      height = Math.max(height, h)
    }
    y += height
  }
  return drawn
}

function drawnPanel(panel: Panel, id: number, gridPos: Json): Json {
  const { title, about, kind, unit, limits, isStacked } = panel
  const isNow = kind !== 'lines'
  return {
    ...{ id, title, description: about, gridPos, datasource: source },
    type: { number: 'stat', lines: 'timeseries', table: 'bargauge' }[kind],
    targets: panel.targets.map(({ expr, legend }, index) => ({
      ...{ refId: String.fromCharCode(65 + index), datasource: source, expr },
      ...{ legendFormat: legend === '' ? '__auto' : legend, instant: isNow, range: !isNow },
    })),
    fieldConfig: {
      defaults: {
        ...{ unit, noValue: 'n/a' },
        ...(unit === 'percentunit' ? { min: 0, max: 1 } : {}),
        ...(limits === undefined ? {} : { color: { mode: isNow ? 'thresholds' : 'palette-classic' } }),
        thresholds: { mode: 'absolute', steps: stepsOf(limits) },
        ...(kind === 'lines' ? { custom: linesOf(isStacked === true, limits !== undefined) } : {}),
      },
      overrides: [],
    },
    options: optionsOf(kind, limits !== undefined),
  }
}

function stepsOf(limits: Limits = {}): Json[] {
  if ('only' in limits)
    return [
      { color: 'red', value: null },
      { color: 'green', value: limits.only },
      { color: 'red', value: limits.only + 1 },
    ]
  const { warn, bad } = limits
  return [
    { color: 'green', value: null },
    ...(warn === undefined ? [] : [{ color: 'orange', value: warn }]),
    ...(bad === undefined ? [] : [{ color: 'red', value: bad }]),
  ]
}

function linesOf(isStacked: boolean, hasLimits: boolean): Json {
  return {
    ...{ drawStyle: 'line', lineWidth: 1, fillOpacity: isStacked ? 30 : 5, showPoints: 'never', spanNulls: false },
    stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
    ...(hasLimits ? { thresholdsStyle: { mode: 'dashed' } } : {}),
  }
}

function optionsOf(kind: Panel['kind'], hasLimits: boolean): Json {
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false }
  if (kind === 'number')
    return {
      reduceOptions,
      colorMode: hasLimits ? 'background' : 'none',
      graphMode: 'none',
      textMode: 'value',
      justifyMode: 'auto',
      orientation: 'auto',
    }
  if (kind === 'table') return { reduceOptions, displayMode: 'basic', orientation: 'horizontal', showUnfilled: true, valueMode: 'text' }
  return { legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] }, tooltip: { mode: 'multi', sort: 'desc' } }
}

import { Chalk, type ChalkInstance } from 'chalk'
import { Box, type Key, Text, useApp, useInput, useWindowSize } from 'ink'
import { createElement, memo, type ReactNode, useEffect, useSyncExternalStore } from 'react'
import type { Line, Tone } from '../screen/line.ts'
import type { TopSession } from '../session.ts'

/** The terminal beyond what ink does for it. */
export interface Terminal {
  /** Puts the process to sleep; resolves when it is woken. Undefined where processes cannot sleep. */
  readonly sleep: (() => Promise<void>) | undefined
  write(text: string): void
  /** Why a session was quit. */
  onQuit(): void
}

export interface AppProps {
  readonly session: TopSession
  readonly terminal: Terminal
  readonly hasColor: boolean
}

type Paint = Readonly<Record<Tone, (text: string) => string>>

/** Without colors only what the terminal itself can do. */
function paintOf(hasColor: boolean): Paint {
  const chalk: ChalkInstance = new Chalk({ level: hasColor ? 1 : 0 })
  const style = new Chalk({ level: 1 })
  return {
    plain: (text) => text,
    dim: chalk.dim,
    strong: style.bold,
    good: chalk.green,
    warn: chalk.yellow,
    bad: chalk.redBright,
    head: style.underline,
    cursor: style.inverse,
  }
}

/** A line is one text: its spans are painted here, and ink writes what changed of it. */
const LineView = memo(({ text }: { readonly text: string }): ReactNode => createElement(Text, { wrap: 'truncate' }, text))

const lineView =
  (paint: Paint) =>
  (line: Line, index: number): ReactNode =>
    createElement(LineView, { key: index, text: painted(line, paint) })

const painted = (line: Line, paint: Paint): string =>
  line
    .map(({ text, tone }) => paint[tone](text))
    .join('')
    // An empty text would take no line.
    .replace(/^$/, ' ')

export function App({ session, terminal, hasColor }: AppProps): ReactNode {
  const { suspendTerminal, exit } = useApp()
  const { columns, rows } = useWindowSize()
  const lines = useSyncExternalStore(session.subscribe, session.lines)
  useEffect(() => session.resize(columns, rows), [session, columns, rows])
  useEffect(() => {
    session.own({
      quit: () => {
        terminal.onQuit()
        exit()
      },
      suspend: () => {
        if (terminal.sleep !== undefined) void suspendTerminal(terminal.sleep)
      },
      copy: (text) => terminal.write(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`),
    })
  }, [session, terminal, suspendTerminal, exit])
  useInput((input, key) => {
    for (const name of keysOf(input, key)) session.press(name)
  })
  const paint = paintOf(hasColor)
  // One line less than the terminal has: a frame that fills it would make it scroll, and be drawn anew each time.
  return createElement(
    Box,
    { flexDirection: 'column', height: Math.max(1, rows - 1), width: columns, overflow: 'hidden' },
    ...lines.map(lineView(paint)),
  )
}

/**
 * Keys by the names of keys.ts. What comes as a whole, pasted or over a slow line, is letters: `end` is no key then. Enter counts at its end
 * alone: lines that are pasted neither run commands nor confirm them.
 */
export function keysOf(input: string, key: Partial<Key>): readonly string[] {
  const name = nameOf(key)
  if (name !== '') return [name]
  if (key.ctrl) return [`ctrl-${input}`]
  const letters = [...input].filter((letter) => letter >= ' ')
  return input.endsWith('\r') ? [...letters, 'enter'] : letters
}

function nameOf(key: Partial<Key>): string {
  if (key.upArrow) return 'up'
  if (key.downArrow) return 'down'
  if (key.leftArrow) return 'left'
  if (key.rightArrow) return 'right'
  if (key.pageUp) return 'pageup'
  if (key.pageDown) return 'pagedown'
  if (key.home) return 'home'
  if (key.end) return 'end'
  if (key.return) return 'enter'
  if (key.escape) return 'escape'
  if (key.tab) return 'tab'
  if (key.backspace) return 'backspace'
  if (key.delete) return 'delete'
  return ''
}

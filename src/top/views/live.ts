import { render } from 'ink'
import { createElement } from 'react'
import type { TopSession } from '../session.ts'
import { App, type AppProps, type Terminal } from './app.ts'

export interface LiveOptions {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly hasColor: boolean
  readonly isSpoken: boolean
}

export interface LiveScreen {
  /** Gives the terminal back as it was. */
  close(): Promise<void>
  /** The person has quit, or the screen was closed. @throws what broke the screen */
  readonly ended: Promise<void>
}

/** Frames are drawn at most this often, whatever keys are held down. */
const FRAMES_PER_SECOND_MAX = 10

/** The session on a terminal. ink gives the terminal back on every way out of the process that can be noticed. */
export function openLive(session: TopSession, terminal: Terminal, { stdin, stdout, stderr, hasColor, isSpoken }: LiveOptions): LiveScreen {
  const props: AppProps = { session, terminal, hasColor }
  const instance = render(createElement(App, props), {
    ...{ stdin, stdout, stderr },
    exitOnCtrlC: false,
    patchConsole: false,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
    maxFps: FRAMES_PER_SECOND_MAX,
    isScreenReaderEnabled: isSpoken,
  })
  const ended = instance.waitUntilExit().then(() => {})
  return {
    ended,
    close: async () => {
      instance.unmount()
      await ended.catch(() => {})
    },
  }
}

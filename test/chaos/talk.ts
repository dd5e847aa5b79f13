/**
 * Two small programs that talk, to see what a network does to them:
 *   talk.ts listen HOST PORT    sends back what comes, and prints a line for it
 *   talk.ts dial HOST PORT      sends again and again, and prints a line for what comes back
 */
import { connect, createServer } from 'node:net'

const [, , role, host, port] = process.argv
const EVERY_MS = 20

if (role === 'listen') {
  createServer((socket) => {
    socket.on('data', (chunk) => {
      console.log('heard')
      socket.write(chunk)
    })
    socket.on('error', () => {})
  }).listen(Number(port), host, () => console.log('listening'))
} else {
  const dial = (): void => {
    const socket = connect(Number(port), host)
    const ticker = setInterval(() => socket.writable && socket.write('x'), EVERY_MS)
    socket.on('data', () => console.log('answered'))
    socket.on('error', (error: NodeJS.ErrnoException) => console.log(error.code))
    socket.on('close', () => {
      clearInterval(ticker)
      setTimeout(dial, EVERY_MS)
    })
  }
  dial()
}

import { useLayoutEffect, useRef } from 'preact/hooks'
import { SchemaForm } from '../form/schema-form.tsx'
import type { Answer, Question } from './question.ts'

interface Props {
  readonly question: Question
  readonly onAnswer: (answer: Answer) => void
}

/** The server asks: answer, decline or cancel. */
export function QuestionPanel ({ question, onAnswer }: Props) {
  const title = useRef<HTMLHeadingElement>(null)
  useLayoutEffect(() => title.current?.focus(), [])
  return (
    <section class='panel question' aria-labelledby='question-title'>
      <p class='question-who'>The server asks</p>
      <h2 id='question-title' tabIndex={-1} ref={title}>{question.message}</h2>
      <SchemaForm schema={question.schema} label='Answer' onSubmit={content => onAnswer({ action: 'accept', content })}>
        <button type='submit' class='primary'>Answer</button>
        <button type='button' onClick={() => onAnswer({ action: 'decline' })}>Decline</button>
        <button type='button' onClick={() => onAnswer({ action: 'cancel' })}>Cancel</button>
      </SchemaForm>
    </section>
  )
}

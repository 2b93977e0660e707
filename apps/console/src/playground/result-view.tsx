import { isObject, type JsonObject } from '@mcp/protocol'
import { CodeBlock } from '../ui/code-block.tsx'

/** The content of a result, each block as what it is, and the whole of it as JSON. */
export function ResultView ({ result }: { readonly result: JsonObject }) {
  const blocks: readonly unknown[] = Array.isArray(result.content) ? result.content : []
  return (
    <div class='result' data-error={result.isError === true ? 'true' : undefined}>
      {blocks.map((block, index) => isObject(block) && <Block key={index} block={block} />)}
      {result.structuredContent !== undefined && <CodeBlock text={JSON.stringify(result.structuredContent, null, 2)} label='structured content' />}
      <details>
        <summary>Result as JSON</summary>
        <CodeBlock text={JSON.stringify(result, null, 2)} label='result as JSON' />
      </details>
    </div>
  )
}

function Block ({ block }: { readonly block: JsonObject }) {
  const { type, text, mimeType, data } = block
  if (type === 'text') return <p class='block-text'>{String(text)}</p>
  if (type === 'image' && safe(mimeType, 'image/')) return <img class='block-image' alt='Image in the result' src={`data:${mimeType};base64,${String(data)}`} />
  if (type === 'audio' && safe(mimeType, 'audio/')) {
    return <audio class='block-audio' controls aria-label='Sound in the result' src={`data:${mimeType};base64,${String(data)}`} />
  }
  return <CodeBlock text={JSON.stringify(block, null, 2)} label={`block of type ${String(type)}`} copy={false} />
}

function safe (mimeType: unknown, begin: string): mimeType is string {
  return typeof mimeType === 'string' && mimeType.startsWith(begin) && /^[\w.+/-]+$/.test(mimeType)
}

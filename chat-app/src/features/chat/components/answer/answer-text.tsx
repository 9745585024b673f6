import { memo } from 'react';

import { InlineText } from '@/features/chat/components/answer/inline-view';
import { parseBlocks, type Block } from '@/lib/markdown/blocks';
import { t } from '@/lib/messages';

/** What the model wrote, as inert text with structure. `open` says that more is to come. */
export function AnswerText({ text, open }: { text: string; open: boolean }) {
  return (
    <div className="answer" dir="auto">
      <Blocks blocks={parseBlocks(text)} open={open} />
    </div>
  );
}

function Blocks({ blocks, open }: { blocks: Block[]; open: boolean }) {
  return blocks.map((block, at) => (
    <BlockView key={at} block={block} open={open && at === blocks.length - 1} />
  ));
}

/** While text streams in, only the last block changes; the others are not rendered again. */
const BlockView = memo(
  function BlockView({ block, open }: { block: Block; open: boolean }) {
    switch (block.kind) {
      case 'paragraph':
        return (
          <p>
            <InlineText text={block.text} open={open} />
          </p>
        );
      case 'heading':
        return (
          <h3>
            <InlineText text={block.text} open={open} />
          </h3>
        );
      case 'code':
        return (
          <pre className="scroll-x" tabIndex={0} role="group" aria-label={t('answer.code')}>
            <code>{block.text}</code>
          </pre>
        );
      case 'rule':
        return <hr />;
      case 'quote':
        return (
          <blockquote>
            <Blocks blocks={block.blocks} open={open} />
          </blockquote>
        );
      case 'list':
        return <ListView block={block} open={open} />;
      case 'table':
        return <TableView block={block} />;
    }
  },
  (before, after) =>
    before.open === after.open && JSON.stringify(before.block) === JSON.stringify(after.block),
);

function ListView({ block, open }: { block: Extract<Block, { kind: 'list' }>; open: boolean }) {
  const items = block.items.map((item, at) => {
    const itemOpen = open && at === block.items.length - 1;
    const [only] = item;
    return (
      <li key={at}>
        {item.length === 1 && only?.kind === 'paragraph' ? (
          <InlineText text={only.text} open={itemOpen} />
        ) : (
          <Blocks blocks={item} open={itemOpen} />
        )}
      </li>
    );
  });
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
}

function TableView({ block }: { block: Extract<Block, { kind: 'table' }> }) {
  const alignment = (column: number) => (block.align[column] === 'end' ? 'align-end' : undefined);
  return (
    <div className="scroll-x" tabIndex={0} role="group" aria-label={t('answer.table')}>
      <table className="grid-table">
        <thead>
          <tr>
            {block.header.map((cell, column) => (
              <th key={column} scope="col" className={alignment(column)}>
                <InlineText text={cell} open={false} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {block.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column} className={alignment(column)}>
                  <InlineText text={cell} open={false} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

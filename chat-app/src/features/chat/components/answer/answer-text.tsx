import { memo, useState } from 'react';

import { InlineText } from '@/features/chat/components/answer/inline-view';
import type { Align, Block } from '@/lib/markdown/blocks';
import { createBlockParser } from '@/lib/markdown/growing';
import { t } from '@/lib/messages';

/**
 * What the model wrote, as inert text with structure. `open` says that more is to come. While it comes, the parser gives
 * back what is settled as the same objects, and everything below is drawn again only for another object.
 */
export const AnswerText = memo(function AnswerText({ text, open }: { text: string; open: boolean }) {
  const [parse] = useState(createBlockParser);
  return (
    <div className="answer" dir="auto">
      <Blocks blocks={parse(text)} open={open} />
    </div>
  );
});

const Blocks = memo(function Blocks({ blocks, open }: { blocks: Block[]; open: boolean }) {
  return blocks.map((block, at) => (
    <BlockView key={at} block={block} open={open && at === blocks.length - 1} />
  ));
});

const BlockView = memo(function BlockView({ block, open }: { block: Block; open: boolean }) {
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
});

function ListView({ block, open }: { block: Extract<Block, { kind: 'list' }>; open: boolean }) {
  const items = block.items.map((item, at) => (
    <ItemView key={at} item={item} open={open && at === block.items.length - 1} />
  ));
  return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
}

const ItemView = memo(function ItemView({ item, open }: { item: Block[]; open: boolean }) {
  const [only] = item;
  return (
    <li>
      {item.length === 1 && only?.kind === 'paragraph' ? (
        <InlineText text={only.text} open={open} />
      ) : (
        <Blocks blocks={item} open={open} />
      )}
    </li>
  );
});

function TableView({ block: { header, align, rows } }: { block: Extract<Block, { kind: 'table' }> }) {
  return (
    <div className="scroll-x" tabIndex={0} role="group" aria-label={t('answer.table')}>
      <table className="grid-table">
        <thead>
          <tr>
            {header.map((cell, column) => (
              <th key={column} scope="col" className={alignment(align[column])}>
                <InlineText text={cell} open={false} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <RowView key={at} row={row} align={align} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const RowView = memo(function RowView({ row, align }: { row: string[]; align: Align[] }) {
  return (
    <tr>
      {row.map((cell, column) => (
        <td key={column} className={alignment(align[column])}>
          <InlineText text={cell} open={false} />
        </td>
      ))}
    </tr>
  );
});

const alignment = (align: Align | undefined) => (align === 'end' ? 'align-end' : undefined);

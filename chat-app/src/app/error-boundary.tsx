import { Component, type ReactNode } from 'react';

import { MessagePage } from '@/app/message-page';
import { Button } from '@/components/ui/button';
import { t } from '@/lib/messages';

interface Props {
  /** True when there is no frame around it. */
  alone?: boolean;
  children: ReactNode;
}

interface State {
  failed?: 'outdated' | 'broken';
}

/** What a browser says when a part of the page cannot be fetched, mostly because a new version replaced it. */
const NOT_FETCHED = /dynamically imported module|importing a module script failed|preload CSS/i;

/** A page that broke says so and offers a fresh start. A draft survives the reload. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = {};

  static getDerivedStateFromError(error: unknown): State {
    return { failed: error instanceof Error && NOT_FETCHED.test(error.message) ? 'outdated' : 'broken' };
  }

  override render() {
    const { failed } = this.state;
    if (failed === undefined) return this.props.children;
    return (
      <MessagePage
        title={t(`error.${failed}.title`)}
        text={t(`error.${failed}.text`)}
        alone={this.props.alone ?? false}
      >
        <Button
          variant="solid"
          onClick={() => {
            location.reload();
          }}
        >
          {t('error.broken.action')}
        </Button>
      </MessagePage>
    );
  }
}

import { PRODUCT } from '@/config/product';

/** The name, with the highlighter stroke that is the product. */
export function Wordmark() {
  return (
    <span className="relative isolate inline-block w-fit px-1 text-lg font-extrabold tracking-tight">
      <svg
        viewBox="0 0 100 20"
        preserveAspectRatio="none"
        className="absolute inset-x-0 bottom-[0.22em] -z-1 h-[0.62em] w-full fill-wordmark"
        aria-hidden="true"
      >
        <path d="M0 4 100 0 99 17 1 20z" />
      </svg>
      {PRODUCT}
    </span>
  );
}

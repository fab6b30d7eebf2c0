import { type ReactNode, useEffect, useRef, useState } from 'react';

/** Renders its children once they are about to be seen: the large and low of a page is not fetched before. */
export function WhenNear({
  className,
  children,
}: {
  /** Of the place that is kept for them. */
  readonly className: string;
  readonly children: ReactNode;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (!place.current || isNear) return;
    const observer = new IntersectionObserver(
      (entries) => setNear(entries.some(({ isIntersecting }) => isIntersecting)),
      { rootMargin: '200px' },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [isNear]);
  return (
    <div className={className} ref={place}>
      {isNear && children}
    </div>
  );
}

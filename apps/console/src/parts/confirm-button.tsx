import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { ProblemAlert } from './problem-alert';

/** An act that cannot be taken back: its consequence is named, and its object typed, before it is done. */
export function ConfirmButton({
  label,
  consequence,
  name,
  act,
}: {
  readonly label: string;
  readonly consequence: ReactNode;
  /** What must be typed; absent: a second click is enough. */
  readonly name?: string;
  readonly act: () => Promise<unknown>;
}) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const [typed, setTyped] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const confirm = async () => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
      close();
    } catch (refusal) {
      setError(refusal);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button variant="light" color="red" size="xs" onClick={open}>
        {label}
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title={label}
        closeButtonProps={{ 'aria-label': 'Close' }}
        lockScroll={false}
        centered
      >
        <Stack>
          <Text size="sm">{consequence}</Text>
          {name !== undefined && (
            <TextInput
              label={`Type ${name} to go on`}
              value={typed}
              onChange={({ currentTarget }) => setTyped(currentTarget.value)}
            />
          )}
          <ProblemAlert error={error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              color="red"
              loading={isBusy}
              disabled={name !== undefined && typed !== name}
              onClick={confirm}
            >
              {label}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}

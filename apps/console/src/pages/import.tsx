import { Alert, Button, FileInput, Group, Progress, Text, Textarea } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ImportResults } from '../import/import-results';
import { importRows, type RowResult } from '../import/import-row';
import { columns, rowsIn } from '../import/rows-in';
import { Heading } from '../parts/heading';

/** Many connections at once, tried before they are made. The text is kept by this page only, for it may have secrets. */
export function Import() {
  const { tenant = '' }: { readonly tenant?: string } = useParams({ strict: false });
  const client = useQueryClient();
  const [text, setText] = useState('');
  const [results, setResults] = useState<readonly RowResult[]>([]);
  const [total, setTotal] = useState(0);
  const [isBusy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const run = async (isDryRun: boolean) => {
    setResults([]);
    setFault('');
    setBusy(true);
    try {
      const rows = rowsIn(text, tenant);
      setTotal(rows.length);
      await importRows(tenant, rows, isDryRun, (result) => setResults((before) => [...before, result]));
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
      await client.invalidateQueries();
    }
  };
  const isUsable = text.trim() !== '' && !isBusy;
  return (
    <>
      <Heading
        title="Import connections"
        about="One a row, from CSV. What is there already is left as it is."
      />
      <div className="stack">
        <FileInput
          label="CSV file"
          accept=".csv,text/csv"
          maw={480}
          onChange={async (file) => setText(file === null ? '' : await file.text())}
        />
        <Textarea
          label="Or paste it here"
          description={`The first line names the columns: ${columns.join(', ')}, label:<key>. Of them id, credential and grant are required.`}
          rows={8}
          value={text}
          onChange={({ currentTarget }) => setText(currentTarget.value)}
        />
        <Group>
          <Button variant="default" disabled={!isUsable} onClick={() => run(true)}>
            Try it, and make nothing
          </Button>
          <Button disabled={!isUsable} onClick={() => run(false)}>
            Import
          </Button>
        </Group>
        {fault !== '' && (
          <Alert color="red" role="alert" title="Nothing was imported">
            {fault}
          </Alert>
        )}
        {isBusy && (
          <div>
            <Progress value={total === 0 ? 0 : (100 * results.length) / total} aria-label="Progress" />
            <Text size="sm">
              {results.length} of {total}
            </Text>
          </div>
        )}
        {!isBusy && results.length > 0 && <ImportResults results={results} />}
      </div>
    </>
  );
}

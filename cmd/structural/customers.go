package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"structural.app/structural/app"
	"structural.app/structural/store"
)

func customersCommand() *cobra.Command {
	customers := &cobra.Command{
		Use:   "customers",
		Short: "List and delete customers",
	}
	customers.AddCommand(listCustomersCommand(), deleteCustomerCommand())
	return customers
}

func listCustomersCommand() *cobra.Command {
	const all = "all"
	list := &cobra.Command{
		Use:   "list",
		Short: "List customers, with their unrevoked keys, connected platforms and stored bytes",
		Args:  cobra.NoArgs,
	}
	mode := addChoice(list, "mode", "which customers", true, all, string(store.ModeLive), string(store.ModeTest), string(store.ModeDemo))
	list.RunE = func(cmd *cobra.Command, _ []string) error {
		return withDatabase(cmd, func(db *database) error {
			customers, err := db.ListCustomers(cmd.Context(), store.Mode(strings.TrimPrefix(*mode, all)))
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "ID\tMODE\tNAME\tCREATED\tKEYS\tCONNECTIONS\tBYTES")
			for _, c := range customers {
				fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%d\t%d\n", c.ID, c.Mode, c.Name, c.CreatedAt.UTC().Format(time.RFC3339), c.Keys, c.Connections, c.StoredBytes)
			}
			return table.Flush()
		})
	}
	return list
}

func deleteCustomerCommand() *cobra.Command {
	var yes bool
	remove := &cobra.Command{
		Use:   "delete ID [--yes]",
		Short: "Delete a customer with all that it has; ID is the list's",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !yes && !isTerminal(cmd.InOrStdin()) {
				return usageErrorf("nobody can be asked without a terminal: --yes deletes without a question")
			}
			return withDatabase(cmd, func(db *database) error {
				customer, err := findCustomer(cmd, db, args[0])
				if err != nil {
					return err
				}
				if !yes {
					cmd.PrintErrf("Delete the %s customer %q (%s), with its keys (%d), connected platforms (%d), records and history (%d bytes)?\n"+
						"This cannot be undone. Type yes: ", customer.Mode, customer.Name, customer.ID, customer.Keys, customer.Connections, customer.StoredBytes)
					if !confirmed(cmd.Context(), cmd.InOrStdin()) {
						return errors.New("nothing is deleted")
					}
				}
				return deleteCustomer(cmd, db, customer.ID)
			})
		},
	}
	remove.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return remove
}

// deleteCustomer deletes a customer. The program that serves, if one does, may delete its rows first.
func deleteCustomer(cmd *cobra.Command, db *database, id string) error {
	if err := db.DeleteCustomer(cmd.Context(), id); err != nil {
		return err
	}
	cmd.PrintErrln("deleted: its keys open nothing any more, and nothing of it can be reached")
	if _, err := db.PurgeDeleted(cmd.Context()); err != nil {
		return fmt.Errorf("the customer is deleted, but some of its rows are still stored; `structural serve` deletes them later: %w", err)
	}
	return nil
}

// confirmed waits for a line, and reports whether it says yes. It does not if ctx ends first.
func confirmed(ctx context.Context, in io.Reader) bool {
	line := make(chan string, 1)
	go func() {
		text, _ := bufio.NewReader(in).ReadString('\n')
		line <- text
	}()
	select {
	case <-ctx.Done():
		return false
	case text := <-line:
		return strings.TrimSpace(text) == "yes"
	}
}

func findCustomer(cmd *cobra.Command, db *database, id string) (store.Customer, error) {
	customer, err := db.FindCustomer(cmd.Context(), id)
	if errors.Is(err, app.ErrNotFound) {
		err = noCustomer(id)
	}
	return customer, err
}

func noCustomer(id string) error {
	return fmt.Errorf("no customer has the id %s; `structural customers list` shows them", id)
}

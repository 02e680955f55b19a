package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"structural.app/structural/app"
	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

func keysCommand() *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: "Create, list and revoke the keys that no endpoint issues",
	}
	keys.AddCommand(createKeyCommand(), listKeysCommand(), revokeKeyCommand())
	return keys
}

func createKeyCommand() *cobra.Command {
	var mode, name string
	create := &cobra.Command{
		Use:     "create --mode live|test --name NAME",
		Short:   "Create a customer with a key, and print the key this once",
		Example: `  structural keys create --mode test --name "Doha Builders"`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if mode != string(store.ModeTest) && mode != string(store.ModeLive) {
				return errors.New("--mode must be test or live (a demo key comes from POST /demo/session)")
			}
			if name == "" {
				return errors.New("--name must say whose key it is")
			}
			return withDatabase(cmd, func(db *database) error {
				key := apikey.New(mode)
				customerID, err := db.CreateCustomer(cmd.Context(), store.Mode(mode), name, apikey.Hash(key))
				if err != nil {
					return err
				}
				cmd.PrintErrf("%s key of %q, customer %s. It is shown only now:\n", mode, name, customerID)
				fmt.Fprintln(cmd.OutOrStdout(), key)
				return nil
			})
		},
	}
	create.Flags().StringVar(&mode, "mode", "", "live or test")
	create.Flags().StringVar(&name, "name", "", "whose key it is")
	return create
}

func listKeysCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List test and live keys",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withDatabase(cmd, func(db *database) error {
				keys, err := db.ListKeys(cmd.Context())
				if err != nil {
					return err
				}
				table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
				fmt.Fprintln(table, "ID\tMODE\tNAME\tCUSTOMER\tCREATED\tREVOKED")
				for _, k := range keys {
					revoked := "-"
					if k.RevokedAt != nil {
						revoked = k.RevokedAt.UTC().Format(time.RFC3339)
					}
					fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Mode, k.Name, k.CustomerID, k.CreatedAt.UTC().Format(time.RFC3339), revoked)
				}
				return table.Flush()
			})
		},
	}
}

func revokeKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "revoke ID",
		Short: "Make a key useless at once; ID is the list's",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withDatabase(cmd, func(db *database) error {
				err := db.RevokeKey(cmd.Context(), args[0])
				if errors.Is(err, app.ErrNotFound) {
					return fmt.Errorf("no unrevoked key has the id %s; `structural keys list` shows them", args[0])
				}
				if err == nil {
					cmd.PrintErrln("revoked")
				}
				return err
			})
		},
	}
}

func withDatabase(cmd *cobra.Command, do func(*database) error) error {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	db, err := openDatabase(cmd.Context(), cfg, cfg.logger(), true)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

package main

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"structural.app/structural/app"
	"structural.app/structural/server/apikey"
	"structural.app/structural/store"
)

// maxName is how many characters the name of a customer or a key may have: histories show it with every change.
const maxName = 100

func keysCommand() *cobra.Command {
	keys := &cobra.Command{
		Use:   "keys",
		Short: "Create, list, rotate and revoke the keys that no endpoint issues",
	}
	keys.AddCommand(createKeyCommand(), listKeysCommand(), rotateKeyCommand(), revokeKeyCommand())
	return keys
}

func createKeyCommand() *cobra.Command {
	var mode, name, customerID string
	create := &cobra.Command{
		Use:   "create (--mode live|test --name NAME | --customer ID [--name NAME])",
		Short: "Create a key, with a customer or for one there is, and print it this once",
		Example: `  structural keys create --mode test --name "Doha Builders"
  structural keys create --customer 5c2f0a3e-1b0d-4b86-9a43-1f1f4b0a5a10 --name "Payroll"`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			add := cmd.Flags().Changed("customer")
			if !(add && mode == "") && mode != string(store.ModeTest) && mode != string(store.ModeLive) {
				return usageErrorf("--mode must be test or live (a demo key comes from POST /demo/session)")
			}
			if !add && strings.TrimSpace(name) == "" {
				return usageErrorf("--name must say whose key it is")
			}
			if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, unicode.IsControl) {
				return usageErrorf("--name must have at most %d characters, and no control characters", maxName)
			}
			return withDatabase(cmd, func(db *database) error {
				if add {
					return addKey(cmd, db, customerID, mode, name)
				}
				key := apikey.New(mode)
				customerID, err := db.CreateCustomer(cmd.Context(), store.Mode(mode), name, apikey.Hash(key))
				if err != nil {
					return err
				}
				return printKey(cmd, key, fmt.Sprintf("%s key of %q, customer %s", mode, name, customerID))
			})
		},
	}
	create.Flags().StringVar(&mode, "mode", "", "live or test; with --customer, the customer's")
	create.Flags().StringVar(&name, "name", "", "whose key it is; histories show it. With --customer, the customer's name if left out")
	create.Flags().StringVar(&customerID, "customer", "", "add the key to this customer; ID is that of structural customers list")
	return create
}

// addKey adds a key to a customer. mode may be empty, and name.
func addKey(cmd *cobra.Command, db *database, customerID, mode, name string) error {
	customer, err := findCustomer(cmd, db, customerID)
	if err != nil {
		return err
	}
	if customer.Mode == store.ModeDemo {
		return fmt.Errorf("customer %s is a demo session, which has one key", customerID)
	}
	if mode != "" && mode != string(customer.Mode) {
		return fmt.Errorf("customer %s is a %s customer: its keys are %s keys", customerID, customer.Mode, customer.Mode)
	}
	if strings.TrimSpace(name) == "" {
		name = customer.Name
	}
	key := apikey.New(string(customer.Mode))
	switch err := db.CreateKey(cmd.Context(), customer.ID, name, apikey.Hash(key)); {
	case errors.Is(err, app.ErrNotFound):
		return noCustomer(customerID) // deleted at this moment
	case err != nil:
		return err
	}
	return printKey(cmd, key, fmt.Sprintf("%s key %q of customer %s", customer.Mode, name, customer.ID))
}

func printKey(cmd *cobra.Command, key, what string) error {
	cmd.PrintErrf("%s. It is shown only now:\n", what)
	_, err := fmt.Fprintln(cmd.OutOrStdout(), key)
	return err
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

func rotateKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate ID",
		Short: "Put a new key in the place of one, which is useless at once; ID is the list's",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withDatabase(cmd, func(db *database) error {
				old, err := db.FindKeyInfo(cmd.Context(), args[0])
				if err != nil {
					return noKey(args[0], err)
				}
				key := apikey.New(string(old.Mode))
				rotated, err := db.RotateKey(cmd.Context(), old.ID, apikey.Hash(key))
				if err != nil {
					return noKey(args[0], err)
				}
				return printKey(cmd, key, fmt.Sprintf("%s key %q of customer %s; the one before is revoked", rotated.Mode, rotated.Name, rotated.CustomerID))
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
				if err == nil {
					cmd.PrintErrln("revoked")
				}
				return noKey(args[0], err)
			})
		},
	}
}

// noKey explains [app.ErrNotFound].
func noKey(id string, err error) error {
	if errors.Is(err, app.ErrNotFound) {
		return fmt.Errorf("no unrevoked key has the id %s; `structural keys list` shows them", id)
	}
	return err
}

// withDatabase does something with the data that there is.
func withDatabase(cmd *cobra.Command, do func(*database) error) error {
	cfg, err := readConfig()
	if err != nil {
		return err
	}
	db, err := openExisting(cmd.Context(), cfg, cfg.logger())
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}
